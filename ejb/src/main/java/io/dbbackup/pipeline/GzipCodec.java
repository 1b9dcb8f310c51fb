package io.dbbackup.pipeline;

import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** gzip (RFC 1952): one member without name or time. {@code gzip -d} opens it. */
final class GzipCodec implements Codec {
    static final String NAME = "gzip";
    private static final int STANDARD_LEVEL = 6;
    private static final int BUFFER = 64 * 1024;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String suffix() {
        return ".gz";
    }

    @Override
    public List<Transform> transforms(OptionalInt level) {
        int chosen = StreamTransform.checkedLevel(NAME, level, STANDARD_LEVEL, 1, 9);
        return List.of(StreamTransform.of(NAME, chosen, next -> new LeveledGzip(next, chosen)));
    }

    @Override
    public InputStream decode(StageDescriptor stage, InputStream stored) throws IOException {
        return new GZIPInputStream(stored, BUFFER);
    }

    /** The JDK's stream hides its deflater from everything but subclasses. */
    private static final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream next, int level) throws IOException {
            super(next, BUFFER);
            def.setLevel(level);
        }
    }
}
