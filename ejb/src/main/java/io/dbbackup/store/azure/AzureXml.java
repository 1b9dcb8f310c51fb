package io.dbbackup.store.azure;

import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the few documents that Azure answers with. Nothing outside a document is ever read. */
final class AzureXml {
    private static final XMLInputFactory FACTORY = factory();

    private AzureXml() {}

    /**
     * One page of a list.
     *
     * @param directories with the slash at their end
     * @param next where the next page begins; empty at the last
     */
    record Page(List<Entry> blobs, List<String> directories, String next) {}

    /** A blob of a list. */
    record Entry(String key, long bytes, Instant modified, boolean discarded) {}

    /** A block of a blob, by its id in Base64. */
    record Block(String id, long bytes) {}

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    static Page page(byte[] document) {
        List<Entry> blobs = new ArrayList<>();
        List<String> directories = new ArrayList<>();
        String[] next = {""};
        elements(document, Map.of(
                "Blob", fields -> blobs.add(new Entry(
                        fields.getOrDefault("Name", ""),
                        Long.parseLong(fields.getOrDefault("Content-Length", "0")),
                        instant(fields.getOrDefault("Last-Modified", "")).orElse(Instant.EPOCH),
                        fields.containsKey(BlockUpload.DISCARDED))),
                "BlobPrefix", fields -> directories.add(fields.getOrDefault("Name", "")),
                "EnumerationResults", fields -> next[0] = fields.getOrDefault("NextMarker", "")));
        return new Page(blobs, directories, next[0]);
    }

    static List<Block> blocks(byte[] document) {
        List<Block> blocks = new ArrayList<>();
        elements(document, Map.of("Block", fields -> blocks.add(
                new Block(fields.getOrDefault("Name", ""), Long.parseLong(fields.getOrDefault("Size", "0"))))));
        return blocks;
    }

    /** Text of the first element of that name; empty when there is none or the body is no document. */
    static String text(byte[] document, String element) {
        String[] found = {""};
        try {
            elements(document, Map.of("Error", fields -> found[0] = fields.getOrDefault(element, "")));
        } catch (IllegalArgumentException e) {
            return "";
        }
        return found[0];
    }

    /** What an error says, on one line: Azure adds ids and the time on lines of their own. */
    static String message(byte[] document) {
        String detail = text(document, "AuthenticationErrorDetail");
        String first = text(document, "Message").lines().findFirst().orElse("");
        // the detail of a wrong signature quotes what was to be signed, which is long and helps nobody
        return detail.isEmpty() || detail.contains("string to sign") ? first : first + " " + detail;
    }

    static Optional<Instant> instant(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (java.time.format.DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private interface Each {
        void element(Map<String, String> fields);
    }

    /** Calls back at the end of each wanted element with the texts below it, down to the next wanted one. */
    private static void elements(byte[] document, Map<String, Each> wanted) {
        Deque<Map<String, String>> open = new ArrayDeque<>();
        StringBuilder text = new StringBuilder();
        int begin = 0;
        while (begin < document.length && document[begin] != '<') {
            begin++; // a byte order mark
        }
        try {
            XMLStreamReader reader = FACTORY.createXMLStreamReader(
                    new ByteArrayInputStream(document, begin, document.length - begin), "UTF-8");
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        text.setLength(0);
                        if (wanted.containsKey(reader.getLocalName())) {
                            open.push(new HashMap<>());
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        String name = reader.getLocalName();
                        if (wanted.containsKey(name)) {
                            wanted.get(name).element(open.pop());
                        } else if (!open.isEmpty()) {
                            open.peek().putIfAbsent(name, text.toString());
                        }
                        text.setLength(0);
                    }
                    default -> {
                        // comments and the like
                    }
                }
            }
        } catch (XMLStreamException e) {
            throw new IllegalArgumentException("an answer of the store is not the document it should be", e);
        }
    }
}
