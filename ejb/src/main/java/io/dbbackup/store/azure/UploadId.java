package io.dbbackup.store.azure;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who began an upload, and when: Azure tells neither of waiting blocks, so their ids do. A block's id is this text, a
 * dash and the number of the block; all ids of a blob have one length, as Azure demands.
 *
 * @param text 32 hexadecimal digits of the writer, a dash, and 10 of the second in which it began
 */
record UploadId(String text) {
    private static final Pattern TEXT = Pattern.compile("[0-9a-f]{32}-([0-9a-f]{10})");
    private static final Pattern BLOCK = Pattern.compile("(" + TEXT.pattern() + ")-(\\d{5})");

    /** A block by its number, from 1 on. */
    record Numbered(UploadId upload, int number) {}

    static UploadId create(Instant now) {
        return new UploadId(UUID.randomUUID().toString().replace("-", "")
                + String.format(Locale.ROOT, "-%010x", Math.max(0, now.getEpochSecond())));
    }

    static Optional<UploadId> parse(String text) {
        return TEXT.matcher(text).matches() ? Optional.of(new UploadId(text)) : Optional.empty();
    }

    Instant began() {
        return Instant.ofEpochSecond(Long.parseLong(text.substring(33), 16));
    }

    /** As Azure wants it, in Base64. */
    String block(int number) {
        return Base64.getEncoder()
                .encodeToString(String.format(Locale.ROOT, "%s-%05d", text, number).getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty when it is no block of ours. */
    static Optional<Numbered> ofBlock(String base64) {
        try {
            String plain = new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
            Matcher matcher = BLOCK.matcher(plain);
            return matcher.matches()
                    ? Optional.of(new Numbered(new UploadId(matcher.group(1)), Integer.parseInt(matcher.group(3))))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
