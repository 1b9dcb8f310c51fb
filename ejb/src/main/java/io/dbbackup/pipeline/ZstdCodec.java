package io.dbbackup.pipeline;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.OptionalInt;

/** Zstandard (RFC 8878): frames with content checksum. {@code zstd -d} opens them. The default codec. */
final class ZstdCodec implements Codec {
    static final String NAME = "zstd";
    private static final int STANDARD_LEVEL = 1;
    /** Above it the window is as large as a frame of ours, or larger. */
    private static final int HIGHEST_LEVEL_OF_FRAMES = 1;
    /** As for the zstd tool: a frame that wants a window above 128 MiB is refused instead of served with memory. */
    private static final int LARGEST_WINDOW_LOG = 27;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String suffix() {
        return ".zst";
    }

    @Override
    public List<Transform> transforms(OptionalInt level) {
        int chosen = StreamTransform.checkedLevel(NAME, level, STANDARD_LEVEL, -7, 19);
        return List.of(StreamTransform.of(NAME, chosen, next -> compressing(next, chosen)));
    }

    private static OutputStream compressing(OutputStream next, int level) throws IOException {
        return level <= HIGHEST_LEVEL_OF_FRAMES
                ? new ZstdFrames(next, level)
                : new ZstdOutputStreamNoFinalizer(next, RecyclingBufferPool.INSTANCE, level).setChecksum(true);
    }

    @Override
    public InputStream decode(StageDescriptor stage, InputStream stored) throws IOException {
        return new ZstdInputStreamNoFinalizer(stored, RecyclingBufferPool.INSTANCE).setLongMax(LARGEST_WINDOW_LOG);
    }
}
