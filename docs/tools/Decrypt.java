import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens an encrypted backup set of dbbackup with nothing but a JDK 17, for the day when dbbackup is not at hand:
 *
 * <pre>java Decrypt.java --key-file KEY | --passphrase-file FILE | --private-key PEM  --set DIRECTORY --out DIRECTORY</pre>
 *
 * <p>A set may refer to blobs of other sets; these are looked for beside DIRECTORY, unless it has a copy of them.
 *
 * <p>DIRECTORY holds manifest.json. What it writes is the set without encryption, which standard tools open as
 * docs/repository-format.md (section 8) says. {@code --set} alone tells whom the set is encrypted for. A file gets its name
 * when its last tag was verified; before that it ends with .part. Written from that document's section 10 and independent of
 * dbbackup's code. Not for import into dbbackup, which reads encrypted sets itself.
 */
public final class Decrypt {
    private static final int SEGMENT = 64 * 1024;
    private static final int TAG = 16;
    private static final int HEADER = 40;
    private static final String STAGE = "aes256-gcm-hkdf-64kb";
    private static final HexFormat HEX = HexFormat.of();

    private final Path set;
    private final Path out;
    private final Map<String, String> options;
    private final Map<String, byte[]> keys = new LinkedHashMap<>();
    private String setId = "";

    private Decrypt(Map<String, String> options) {
        this.options = options;
        this.set = Path.of(options.get("set"));
        this.out = options.containsKey("out") ? Path.of(options.get("out")) : null;
    }

    public static void main(String[] arguments) {
        try {
            Map<String, String> options = new LinkedHashMap<>();
            for (int i = 0; i + 1 < arguments.length; i += 2) {
                options.put(arguments[i].replaceFirst("^--", ""), arguments[i + 1]);
            }
            if (!options.containsKey("set") || arguments.length % 2 != 0) {
                throw new Refused("USAGE", "java Decrypt.java --key-file KEY | --passphrase-file FILE | --private-key PEM"
                        + " --set DIRECTORY --out DIRECTORY");
            }
            new Decrypt(options).run();
        } catch (Refused e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            System.err.println("FAILED: " + e);
            System.exit(1);
        }
    }

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String code, String message) {
            super(code + ": " + message);
        }
    }

    // ---- the set

    private void run() throws IOException, GeneralSecurityException {
        byte[] bytes = Files.readAllBytes(set.resolve("manifest.json"));
        int headerEnd = indexOf(bytes, 0) + 1;
        int bodyEnd = indexOf(bytes, headerEnd) + 1;
        Map<String, Object> header = object(Json.parse(Arrays.copyOf(bytes, headerEnd)));
        if (!"2".equals(String.valueOf(header.get("version")))) {
            throw new Refused("MANIFEST_VERSION_UNSUPPORTED", "manifest.json has version " + header.get("version")
                    + "; encrypted sets have version 2");
        }
        String seal = "{\"sha256\":\"" + HEX.formatHex(sha256(Arrays.copyOf(bytes, bodyEnd))) + "\"}\n";
        if (!seal.equals(new String(bytes, bodyEnd, bytes.length - bodyEnd, StandardCharsets.UTF_8))) {
            throw new Refused("MANIFEST_INVALID", "manifest.json was changed after it was written");
        }
        setId = String.valueOf(header.get("set"));
        Map<String, Object> encryption = object(header.get("encryption"));
        if (out == null) {
            list(encryption).forEach(System.out::println);
            return;
        }
        for (Object section : array(encryption.get("keys"))) {
            unlock(object(section), list(encryption));
        }
        Map<String, Object> body = object(Json.parse(Arrays.copyOfRange(bytes, headerEnd, bodyEnd)));
        String context = "dbbackup manifest 1\n" + setId + "\n" + HEX.formatHex(sha256(Arrays.copyOf(bytes, headerEnd)));
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        decrypt(new ByteArrayInputStream(Base64.getDecoder().decode((String) body.get("body"))), plain,
                dataKey(key((String) encryption.get("bodyKey")), ""), context, "manifest.json");
        writeSet(object(Json.parse(plain.toByteArray())));
    }

    /** Everything but the manifests is streamed; they follow when what they name is there. */
    private void writeSet(Map<String, Object> manifest) throws IOException, GeneralSecurityException {
        if (manifest.get("globals") != null) {
            blob(object(manifest.get("globals")));
        }
        for (Object entry : array(manifest.get("databases"))) {
            Map<String, Object> reference = object(object(entry).get("manifest"));
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            String stored = name(reference);
            try (InputStream in = Files.newInputStream(set.resolve(stored))) {
                decrypt(in, json, blobKey(reference), blobContext(reference), stored);
            }
            Map<String, Object> database = object(Json.parse(json.toByteArray()));
            for (Object blob : array(database.get("blobs"))) {
                blob(object(blob));
            }
            database.put("schemaBlob", clear((String) database.get("schemaBlob")));
            database.computeIfPresent("afterDataBlob", (key, name) -> clear((String) name));
            for (Object table : array(database.get("tables"))) {
                array(object(table).get("parts")).forEach(part -> object(part).computeIfPresent(
                        "blob", (key, name) -> clear((String) name)));
            }
            document(reference, (Json.write(database) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        manifest.put("version", 1L);
        array(manifest.get("databases")).forEach(entry -> object(entry).remove("reuses"));
        byte[] first = (Json.write(manifest) + "\n").getBytes(StandardCharsets.UTF_8);
        String seal = "{\"sha256\":\"" + HEX.formatHex(sha256(first)) + "\"}\n";
        publish("manifest.json", part -> {
            part.write(first);
            part.write(seal.getBytes(StandardCharsets.UTF_8));
        });
        System.out.println("decrypted " + setId + " to " + out);
    }

    /** Decrypts a blob and makes its reference that of what was written. */
    private void blob(Map<String, Object> reference) throws IOException, GeneralSecurityException {
        String stored = name(reference);
        String name = clear(stored);
        Digested digested = publish(name, part -> {
            try (InputStream in = Files.newInputStream(place(reference))) {
                decrypt(in, part, blobKey(reference), blobContext(reference), stored);
            }
        });
        reference.remove("origin");
        describe(reference, name, digested);
    }

    /** Below the set itself, or below the one that stores it. */
    private Path place(Map<String, Object> reference) {
        Path own = set.resolve(name(reference));
        if (reference.get("origin") == null || Files.exists(own)) {
            return own;
        }
        Map<String, Object> origin = object(reference.get("origin"));
        Path there = set.toAbsolutePath().normalize().resolveSibling(segment((String) origin.get("set"))).resolve(name(origin));
        if (!Files.exists(there)) {
            throw new Refused("BLOB_MISSING", name(reference) + " is stored by the set " + origin.get("set")
                    + ", which has to lie beside this one: there is no " + there);
        }
        return there;
    }

    private static String segment(String set) {
        if (!set.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")) {
            throw new Refused("MANIFEST_INVALID", "a blob is said to be of a set with an illegal name");
        }
        return set;
    }

    private void document(Map<String, Object> reference, byte[] bytes) throws IOException, GeneralSecurityException {
        String name = clear(name(reference));
        describe(reference, name, publish(name, part -> part.write(bytes)));
        reference.put("plainBytes", (long) bytes.length);
        // this program has no XXH3; sets that it writes are for standard tools, which do not need it
        reference.put("plainXxh128", "");
    }

    private static void describe(Map<String, Object> reference, String name, Digested digested) {
        reference.put("name", name);
        reference.put("storedBytes", digested.bytes);
        reference.put("storedSha256", HEX.formatHex(digested.digest.digest()));
        array(reference.get("stages")).removeIf(stage -> STAGE.equals(object(stage).get("type")));
    }

    private interface Content {
        void writeTo(OutputStream part) throws IOException, GeneralSecurityException;
    }

    /** Temporary name, then the rename: a name says that every tag was verified. */
    private Digested publish(String name, Content content) throws IOException, GeneralSecurityException {
        Path target = out.resolve(name);
        Files.createDirectories(target.getParent(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.exists(target)) {
            throw new Refused("BLOB_EXISTS", target + " exists already");
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Digested digested = new Digested(Files.newOutputStream(part));
            try (digested) {
                content.writeTo(digested);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            return digested;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static final class Digested extends OutputStream {
        private final OutputStream next;
        private final MessageDigest digest;
        private long bytes;

        Digested(OutputStream next) throws GeneralSecurityException {
            this.next = next;
            this.digest = MessageDigest.getInstance("SHA-256");
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            next.write(buffer, offset, length);
            digest.update(buffer, offset, length);
            bytes += length;
        }

        @Override
        public void close() throws IOException {
            next.close();
        }
    }

    /** The name is authenticated, and must be harmless all the same. */
    private static String name(Map<String, Object> reference) {
        String name = (String) reference.get("name");
        if (!name.matches("[A-Za-z0-9._-]{1,200}(/[A-Za-z0-9._-]{1,200})*") || ("/" + name + "/").matches(".*/\\.\\.?/.*")) {
            throw new Refused("MANIFEST_INVALID", "a blob has an illegal name");
        }
        return name;
    }

    private static String clear(String name) {
        return name.endsWith(".enc") ? name.substring(0, name.length() - 4) : name;
    }

    private byte[] blobKey(Map<String, Object> reference) {
        for (Object stage : array(reference.get("stages"))) {
            if (STAGE.equals(object(stage).get("type"))) {
                String name = reference.get("origin") == null ? name(reference) : name(object(reference.get("origin")));
                int slash = name.startsWith("databases/") ? name.indexOf('/', "databases/".length()) : -1;
                String key = (String) object(object(stage).get("parameters")).get("key");
                return dataKey(key(key), slash < 0 ? "" : name.substring(0, slash));
            }
        }
        throw new Refused("MANIFEST_INVALID", reference.get("name") + " is not encrypted");
    }

    /** What is stored by another set was encrypted there. */
    private String blobContext(Map<String, Object> reference) {
        Map<String, Object> origin = reference.get("origin") == null ? null : object(reference.get("origin"));
        return "dbbackup blob 1\n" + (origin == null ? setId : segment((String) origin.get("set"))) + "\n"
                + name(origin == null ? reference : origin);
    }

    private static byte[] dataKey(byte[] setKey, String scope) {
        return hkdf(setKey, new byte[0], utf8("dbbackup data key 1\n" + scope), 32);
    }

    // ---- segments: Tink's AES256-GCM-HKDF streaming, 64 KiB

    private static void decrypt(InputStream in, OutputStream to, byte[] dataKey, String context, String name)
            throws IOException, GeneralSecurityException {
        byte[] header = in.readNBytes(HEADER);
        if (header.length < HEADER || header[0] != HEADER) {
            throw new Refused("BLOB_NOT_AUTHENTIC", name + " has no header");
        }
        SecretKeySpec key =
                new SecretKeySpec(hkdf(dataKey, Arrays.copyOfRange(header, 1, 33), utf8(context), 32), "AES");
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        byte[] sealed = new byte[SEGMENT + 1];
        byte[] plain = new byte[SEGMENT];
        int ahead = 0;
        int capacity = SEGMENT - HEADER;
        for (int number = 0; ; number++) {
            int read = ahead + in.readNBytes(sealed, ahead, capacity + 1 - ahead);
            boolean last = read <= capacity;
            int length = Math.min(read, capacity);
            byte[] nonce = ByteBuffer.allocate(12).put(header, 33, 7).putInt(number).put((byte) (last ? 1 : 0)).array();
            try {
                cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(8 * TAG, nonce));
                to.write(plain, 0, cipher.doFinal(sealed, 0, length, plain, 0));
            } catch (GeneralSecurityException e) {
                throw new Refused("BLOB_NOT_AUTHENTIC", name + ": segment " + number
                        + " is altered, in the wrong place or cut off, or the blob is another one");
            }
            if (last) {
                return;
            }
            sealed[0] = sealed[length];
            ahead = 1;
            capacity = SEGMENT;
        }
    }

    // ---- keys

    private static List<String> list(Map<String, Object> encryption) {
        TreeSet<String> recipients = new TreeSet<>();
        array(encryption.get("keys")).forEach(section -> array(object(section).get("recipients"))
                .forEach(entry -> recipients.add(object(entry).get("name") + " (" + object(entry).get("id") + ")")));
        return List.copyOf(recipients);
    }

    private byte[] key(String id) {
        byte[] key = keys.get(id);
        if (key == null) {
            throw new Refused("KEY_MISSING", "the manifest does not hold the key " + id);
        }
        return key;
    }

    /** The header's recipients first, then the documents below keys/ that were added later. */
    private void unlock(Map<String, Object> section, List<String> recipients) throws IOException, GeneralSecurityException {
        String id = (String) section.get("key");
        // a key of a set that this one refers to is wrapped as it is there
        String owner = section.get("set") == null ? setId : (String) section.get("set");
        List<Object> wrapped = new ArrayList<>(array(section.get("recipients")));
        Path directory = set.resolve("keys");
        if (Files.isDirectory(directory)) {
            try (Stream<Path> documents = Files.list(directory)) {
                for (Path document : documents.sorted().toList()) {
                    if (document.getFileName().toString().startsWith(id + "-")) {
                        try {
                            wrapped.addAll(array(object(Json.parse(Files.readAllBytes(document))).get("recipients")));
                        } catch (RuntimeException e) {
                            System.err.println("passing over " + document.getFileName() + ", which is malformed");
                        }
                    }
                }
            }
        }
        Refused refused = null;
        for (Object entry : wrapped) {
            byte[] key = null;
            try {
                key = unwrap(object(entry), owner, id);
            } catch (Refused e) {
                refused = refused == null ? e : refused;
            } catch (RuntimeException e) {
                System.err.println("passing over a wrapped key that is malformed");
            }
            // the id is derived from the key, so nobody can make us take another one
            if (key != null && Arrays.equals(HEX.parseHex(id), hkdf(key, new byte[0], utf8("dbbackup key id 1"), 16))) {
                keys.put(id, key);
                return;
            }
        }
        if (refused != null) {
            throw refused;
        }
        throw new Refused("KEY_MISSING", "the given key is not one of, or does not open what is wrapped for: "
                + String.join(", ", recipients));
    }

    private byte[] unwrap(Map<String, Object> entry, String owner, String keyId) throws IOException, GeneralSecurityException {
        Map<String, Object> parameters = object(entry.get("parameters"));
        byte[] wrapped = HEX.parseHex((String) entry.get("wrapped"));
        byte[] context = utf8("dbbackup wrap 1\n" + owner + "\n" + keyId + "\n" + entry.get("id"));
        try {
            switch ((String) entry.get("type")) {
                case "key-file":
                    return options.containsKey("key-file")
                            ? open(hkdf(keyFile(), hex(parameters, "salt"), utf8("dbbackup wrap key-file 1"), 32),
                                    wrapped, context)
                            : null;
                case "passphrase":
                    return options.containsKey("passphrase-file") ? open(passphrase(parameters), wrapped, context) : null;
                case "x25519":
                    return options.containsKey("private-key") ? x25519(parameters, wrapped, context) : null;
                case "rsa":
                    return options.containsKey("private-key") ? rsa(wrapped, context) : null;
                default:
                    return null;
            }
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static byte[] open(byte[] key, byte[] sealed, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG, new byte[12]));
        cipher.updateAAD(context);
        return cipher.doFinal(sealed);
    }

    private byte[] keyFile() throws IOException {
        for (String line : Files.readAllLines(Path.of(options.get("key-file")))) {
            String[] fields = line.strip().split(":");
            if (fields.length == 3 && fields[0].equals("DBBACKUP-KEY-1")) {
                String checksum = HEX.formatHex(sha256(utf8(fields[0] + ":" + fields[1])), 0, 4);
                if (!checksum.equals(fields[2])) {
                    throw new Refused("KEY_INVALID", "the key file is damaged: its checksum is wrong");
                }
                return HEX.parseHex(fields[1]);
            }
        }
        throw new Refused("KEY_INVALID", "the key file has no line DBBACKUP-KEY-1:…");
    }

    private byte[] passphrase(Map<String, Object> parameters) throws IOException {
        int memory = number(parameters, "memoryKiB");
        int passes = number(parameters, "iterations");
        int lanes = number(parameters, "parallelism");
        boolean granted = lanes >= 1 && lanes <= 16 && passes >= 1 && passes <= 16 && memory >= 8 * lanes
                && memory <= 256 * 1024 && (long) memory * passes <= 1024 * 1024;
        if (!granted) {
            throw new Refused("KEY_DERIVATION_TOO_COSTLY", "the set asks for Argon2id with " + memory + " KiB, " + passes
                    + " passes, " + lanes + " lanes");
        }
        byte[] secret = utf8(Files.readString(Path.of(options.get("passphrase-file"))).stripTrailing());
        return Argon2id.derive(secret, hex(parameters, "salt"), memory, passes, lanes);
    }

    private PrivateKey privateKey(String algorithm) throws IOException, GeneralSecurityException {
        String pem = Files.readString(Path.of(options.get("private-key")))
                .replaceAll("(?s).*-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----.*", "");
        return KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    }

    private byte[] x25519(Map<String, Object> parameters, byte[] wrapped, byte[] context)
            throws IOException, GeneralSecurityException {
        PrivateKey own = privateKey("X25519");
        byte[] basePoint = new byte[32];
        basePoint[0] = 9;
        byte[] ephemeral = hex(parameters, "ephemeral");
        byte[] salt = Arrays.copyOf(ephemeral, 64);
        System.arraycopy(agree(own, basePoint), 0, salt, 32, 32);
        return open(hkdf(agree(own, ephemeral), salt, utf8("dbbackup wrap x25519 1"), 32), wrapped, context);
    }

    private static byte[] agree(PrivateKey own, byte[] other) throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(HEX.parseHex("302a300506032b656e032100"), 44);
        System.arraycopy(other, 0, encoded, 12, 32);
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(encoded)), true);
        return agreement.generateSecret();
    }

    private byte[] rsa(byte[] wrapped, byte[] context) throws IOException, GeneralSecurityException {
        RSAPrivateKey own = (RSAPrivateKey) privateKey("RSA");
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(Cipher.DECRYPT_MODE, own, new OAEPParameterSpec(
                "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(context)));
        return cipher.doFinal(wrapped);
    }

    // ---- primitives

    private static byte[] hkdf(byte[] secret, byte[] salt, byte[] info, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(salt.length == 0 ? new byte[32] : salt, "HmacSHA256"));
            byte[] pseudoRandomKey = mac.doFinal(secret);
            mac.init(new SecretKeySpec(pseudoRandomKey, "HmacSHA256"));
            mac.update(info);
            mac.update((byte) 1);
            return Arrays.copyOf(mac.doFinal(), length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(Map<String, Object> parameters, String name) {
        return HEX.parseHex((String) parameters.get(name));
    }

    private static int number(Map<String, Object> parameters, String name) {
        return Integer.parseInt((String) parameters.get(name));
    }

    private static int indexOf(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw new Refused("MANIFEST_INVALID", "manifest.json is truncated");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object json) {
        return (Map<String, Object>) json;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> array(Object json) {
        return (List<Object>) json;
    }

    /** JSON as maps, lists, strings, longs, doubles, booleans and nulls. */
    private static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object parse(byte[] bytes) {
            return new Json(new String(bytes, StandardCharsets.UTF_8)).value();
        }

        private char next() {
            while (" \n\r\t".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.charAt(at);
        }

        private Object value() {
            switch (next()) {
                case '{': {
                    Map<String, Object> object = new LinkedHashMap<>();
                    for (at++; next() != '}'; at += next() == ',' ? 1 : 0) {
                        String key = string();
                        next();
                        at++;
                        object.put(key, value());
                    }
                    at++;
                    return object;
                }
                case '[': {
                    List<Object> array = new ArrayList<>();
                    for (at++; next() != ']'; at += next() == ',' ? 1 : 0) {
                        array.add(value());
                    }
                    at++;
                    return array;
                }
                case '"':
                    return string();
                default: {
                    int from = at;
                    while (at < text.length() && ",]}\n\r\t ".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    String token = text.substring(from, at);
                    if (token.equals("null")) {
                        return null;
                    }
                    if (token.equals("true") || token.equals("false")) {
                        return Boolean.valueOf(token);
                    }
                    return token.matches("-?\\d{1,18}") ? (Object) Long.valueOf(token) : Double.valueOf(token);
                }
            }
        }

        private String string() {
            StringBuilder string = new StringBuilder();
            next();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c == '\\') {
                    c = text.charAt(++at);
                    if (c == 'u') {
                        c = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                        at += 4;
                    } else {
                        int escape = "bfnrt".indexOf(c);
                        c = escape < 0 ? c : "\b\f\n\r\t".charAt(escape);
                    }
                }
                string.append(c);
            }
            at++;
            return string.toString();
        }

        static String write(Object value) {
            StringBuilder json = new StringBuilder();
            write(value, json);
            return json.toString();
        }

        private static void write(Object value, StringBuilder json) {
            if (value instanceof Map<?, ?> map) {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    json.append(separator);
                    write(entry.getKey(), json);
                    json.append(':');
                    write(entry.getValue(), json);
                    separator = ",";
                }
                json.append(map.isEmpty() ? "{}" : "}");
            } else if (value instanceof List<?> list) {
                String separator = "[";
                for (Object item : list) {
                    json.append(separator);
                    write(item, json);
                    separator = ",";
                }
                json.append(list.isEmpty() ? "[]" : "]");
            } else if (value instanceof String string) {
                json.append('"');
                for (char c : string.toCharArray()) {
                    if (c == '"' || c == '\\') {
                        json.append('\\').append(c);
                    } else if (c < ' ') {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
                json.append('"');
            } else {
                json.append(value);
            }
        }
    }

    /** Argon2id version 1.3 (RFC 9106), 32 bytes out, no secret and no associated data. */
    private static final class Argon2id {
        private static final int BLOCK = 128;

        private final int memory;
        private final int passes;
        private final int lanes;
        private final int laneBlocks;
        private final int segment;
        private final long[][] blocks;

        private Argon2id(int memory, int passes, int lanes) {
            this.passes = passes;
            this.lanes = lanes;
            this.segment = memory / (4 * lanes);
            this.laneBlocks = 4 * segment;
            this.memory = laneBlocks * lanes;
            this.blocks = new long[this.memory][];
        }

        static byte[] derive(byte[] password, byte[] salt, int memory, int passes, int lanes) {
            ByteBuffer seed = ByteBuffer.allocate(password.length + salt.length + 40).order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(lanes).putInt(32).putInt(memory).putInt(passes).putInt(0x13).putInt(2)
                    .putInt(password.length).put(password).putInt(salt.length).put(salt).putInt(0).putInt(0);
            return new Argon2id(memory, passes, lanes).run(blake2b(seed.array(), 64));
        }

        private byte[] run(byte[] h0) {
            for (int lane = 0; lane < lanes; lane++) {
                for (int i = 0; i < 2; i++) {
                    ByteBuffer seed = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN).put(h0).putInt(i).putInt(lane);
                    long[] block = new long[BLOCK];
                    ByteBuffer.wrap(expand(seed.array(), 1024)).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(block);
                    blocks[lane * laneBlocks + i] = block;
                }
            }
            for (int pass = 0; pass < passes; pass++) {
                for (int slice = 0; slice < 4; slice++) {
                    for (int lane = 0; lane < lanes; lane++) {
                        fill(pass, slice, lane);
                    }
                }
            }
            long[] last = new long[BLOCK];
            for (int lane = 0; lane < lanes; lane++) {
                xor(last, blocks[(lane + 1) * laneBlocks - 1]);
            }
            ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(last);
            return expand(bytes.array(), 32);
        }

        private void fill(int pass, int slice, int lane) {
            boolean independent = pass == 0 && slice < 2;
            long[] addresses = null;
            for (int i = pass == 0 && slice == 0 ? 2 : 0; i < segment; i++) {
                int column = slice * segment + i;
                int previous = lane * laneBlocks + (column == 0 ? laneBlocks - 1 : column - 1);
                long random;
                if (independent) {
                    if (addresses == null || i % BLOCK == 0) {
                        long[] input = new long[BLOCK];
                        long[] values = {pass, lane, slice, memory, passes, 2, i / BLOCK + 1};
                        System.arraycopy(values, 0, input, 0, values.length);
                        addresses = compress(new long[BLOCK], compress(new long[BLOCK], input));
                    }
                    random = addresses[i % BLOCK];
                } else {
                    random = blocks[previous][0];
                }
                int other = pass == 0 && slice == 0 ? lane : (int) ((random >>> 32) % lanes);
                int area = pass == 0 ? slice * segment : laneBlocks - segment;
                area += other == lane ? i - 1 : i == 0 ? -1 : 0;
                long x = random & 0xffffffffL;
                x = x * x >>> 32;
                long relative = area - 1 - (area * x >>> 32);
                int start = pass == 0 || slice == 3 ? 0 : (slice + 1) * segment;
                long[] reference = blocks[other * laneBlocks + (int) ((start + relative) % laneBlocks)];
                long[] block = compress(blocks[previous], reference);
                int current = lane * laneBlocks + column;
                if (pass > 0) {
                    xor(block, blocks[current]);
                }
                blocks[current] = block;
            }
        }

        private static void xor(long[] target, long[] more) {
            for (int i = 0; i < BLOCK; i++) {
                target[i] ^= more[i];
            }
        }

        private static long[] compress(long[] x, long[] y) {
            long[] r = x.clone();
            xor(r, y);
            long[] z = r.clone();
            for (int i = 0; i < 8; i++) {
                int row = 16 * i;
                permute(z, row, row + 1, row + 2, row + 3, row + 4, row + 5, row + 6, row + 7,
                        row + 8, row + 9, row + 10, row + 11, row + 12, row + 13, row + 14, row + 15);
            }
            for (int i = 0; i < 8; i++) {
                int c = 2 * i;
                permute(z, c, c + 1, c + 16, c + 17, c + 32, c + 33, c + 48, c + 49,
                        c + 64, c + 65, c + 80, c + 81, c + 96, c + 97, c + 112, c + 113);
            }
            xor(z, r);
            return z;
        }

        private static void permute(long[] v, int... i) {
            for (int j = 0; j < 4; j++) {
                mix(v, i[j], i[4 + j], i[8 + j], i[12 + j]);
            }
            for (int j = 0; j < 4; j++) {
                mix(v, i[j], i[4 + (j + 1) % 4], i[8 + (j + 2) % 4], i[12 + (j + 3) % 4]);
            }
        }

        private static void mix(long[] v, int a, int b, int c, int d) {
            v[a] = multiplied(v[a], v[b]);
            v[d] = Long.rotateRight(v[d] ^ v[a], 32);
            v[c] = multiplied(v[c], v[d]);
            v[b] = Long.rotateRight(v[b] ^ v[c], 24);
            v[a] = multiplied(v[a], v[b]);
            v[d] = Long.rotateRight(v[d] ^ v[a], 16);
            v[c] = multiplied(v[c], v[d]);
            v[b] = Long.rotateRight(v[b] ^ v[c], 63);
        }

        private static long multiplied(long a, long b) {
            return a + b + 2 * (a & 0xffffffffL) * (b & 0xffffffffL);
        }

        private static byte[] expand(byte[] input, int length) {
            byte[] seed = ByteBuffer.allocate(4 + input.length).order(ByteOrder.LITTLE_ENDIAN).putInt(length).put(input).array();
            if (length <= 64) {
                return blake2b(seed, length);
            }
            ByteBuffer output = ByteBuffer.allocate(length);
            byte[] v = blake2b(seed, 64);
            while (output.remaining() > 64) {
                output.put(v, 0, 32);
                v = blake2b(v, Math.min(64, output.remaining()));
            }
            return output.put(v, 0, output.remaining()).array();
        }

        // ---- BLAKE2b (RFC 7693) without a key

        private static final long[] IV = {
            0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
            0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L
        };
        private static final String[] SIGMA = {
            "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
            "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"
        };

        private static byte[] blake2b(byte[] input, int length) {
            long[] h = IV.clone();
            h[0] ^= 0x01010000 ^ length;
            int blocks = Math.max(1, (input.length + 127) / 128);
            ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(input, 128 * blocks)).order(ByteOrder.LITTLE_ENDIAN);
            for (int block = 0; block < blocks; block++) {
                boolean last = block == blocks - 1;
                long[] m = new long[16];
                for (int i = 0; i < 16; i++) {
                    m[i] = padded.getLong();
                }
                long[] v = Arrays.copyOf(h, 16);
                System.arraycopy(IV, 0, v, 8, 8);
                v[12] ^= last ? input.length : 128L * (block + 1);
                v[14] = last ? ~v[14] : v[14];
                for (int round = 0; round < 12; round++) {
                    String s = SIGMA[round % 10];
                    for (int j = 0; j < 8; j++) {
                        int k = j % 4;
                        int d = j < 4 ? 0 : 1;
                        round(v, k, 4 + (k + d) % 4, 8 + (k + 2 * d) % 4, 12 + (k + 3 * d) % 4,
                                m[Character.digit(s.charAt(2 * j), 16)], m[Character.digit(s.charAt(2 * j + 1), 16)]);
                    }
                }
                for (int i = 0; i < 8; i++) {
                    h[i] ^= v[i] ^ v[8 + i];
                }
            }
            ByteBuffer output = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
            output.asLongBuffer().put(h);
            return Arrays.copyOf(output.array(), length);
        }

        private static void round(long[] v, int a, int b, int c, int d, long x, long y) {
            v[a] += v[b] + x;
            v[d] = Long.rotateRight(v[d] ^ v[a], 32);
            v[c] += v[d];
            v[b] = Long.rotateRight(v[b] ^ v[c], 24);
            v[a] += v[b] + y;
            v[d] = Long.rotateRight(v[d] ^ v[a], 16);
            v[c] += v[d];
            v[b] = Long.rotateRight(v[b] ^ v[c], 63);
        }
    }
}
