package io.dbbackup.pipeline;

import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.OptionalInt;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import net.jpountz.xxhash.XXHashFactory;

/** LZ4 frame format 1.6.1: independent blocks of at most 1 MiB, content checksum. {@code lz4 -d} opens it. */
final class Lz4Codec implements Codec {
    static final String NAME = "lz4";
    private static final int STANDARD_LEVEL = 1;
    private static final long UNKNOWN_SIZE = -1;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String suffix() {
        return ".lz4";
    }

    @Override
    public List<Transform> transforms(OptionalInt level) {
        int chosen = StreamTransform.checkedLevel(NAME, level, STANDARD_LEVEL, 1, 12);
        return List.of(StreamTransform.of(NAME, chosen, next -> compressing(next, chosen)));
    }

    private static OutputStream compressing(OutputStream next, int level) throws IOException {
        LZ4Factory factory = LZ4Factory.fastestInstance();
        LZ4Compressor compressor = level == STANDARD_LEVEL ? factory.fastCompressor() : factory.highCompressor(level);
        return new LZ4FrameOutputStream(
                next,
                BLOCKSIZE.SIZE_1MB,
                UNKNOWN_SIZE,
                compressor,
                XXHashFactory.fastestInstance().hash32(),
                Bits.BLOCK_INDEPENDENCE,
                Bits.CONTENT_CHECKSUM);
    }

    @Override
    public InputStream decode(StageDescriptor stage, InputStream stored) throws IOException {
        return new LZ4FrameInputStream(stored);
    }
}
