import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jboss.jandex.IndexWriter;
import org.jboss.jandex.Indexer;

/**
 * Run by the build: gives each foreign library in the EAR an index of annotations, {@code META-INF/jandex.idx}, without entries.
 * The server makes that of every archive that has none, at each start, by reading all of its classes: for these,
 * 16,000 classes and a signed archive, that was a quarter of the processor time of a start. Nothing in them has
 * annotations that Jakarta EE looks for.
 */
final class IndexedLibraries {
    private static final String INDEX = "META-INF/jandex.idx";

    private IndexedLibraries() {}

    public static void main(String[] arguments) throws IOException {
        Path ear = Path.of(arguments[0]);
        Path indexed = ear.resolveSibling(ear.getFileName() + ".indexed");
        byte[] index = emptyIndex();
        try (ZipFile zip = new ZipFile(ear.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(indexed))) {
            for (ZipEntry entry : zip.stream().toList()) {
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                boolean library = entry.getName().matches("lib/(?!dbbackup-).*\\.jar");
                put(out, entry, library ? withIndex(bytes, index, entry.getTime()) : bytes);
            }
        }
        Files.move(indexed, ear, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] emptyIndex() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new IndexWriter(bytes).write(new Indexer().complete());
        return bytes.toByteArray();
    }

    /** Manifest and signatures stay at the front, where readers of signed archives look for them. */
    private static byte[] withIndex(byte[] jar, byte[] index, long time) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(jar.length + 1000);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().equals(INDEX)) {
                    return jar;
                }
                put(out, entry, in.readAllBytes());
            }
            ZipEntry added = new ZipEntry(INDEX);
            added.setTime(time);
            put(out, added, index);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream out, ZipEntry like, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(like.getName());
        entry.setTime(like.getTime());
        if (like.getMethod() == ZipEntry.STORED) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(bytes.length);
            entry.setCrc(crc.getValue());
        }
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }
}
