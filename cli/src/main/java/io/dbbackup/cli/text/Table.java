package io.dbbackup.cli.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Columns with a header; numbers to the right. Not thread-safe. */
public final class Table {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        this.header = List.of(header);
    }

    public Table row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell == null ? "" : cell.toString().replaceAll("\\s*\\R\\s*", " "));
        }
        rows.add(row);
        return this;
    }

    public void print(PrintWriter out) {
        print(out, "");
    }

    /** Prints it with something before each line. */
    public void print(PrintWriter out, String indent) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < header.size(); i++) {
            columns.add(column(i));
        }
        print(out, indent, header, columns);
        rows.forEach(row -> print(out, indent, row, columns));
    }

    private Column column(int index) {
        int width = header.get(index).codePointCount(0, header.get(index).length());
        boolean right = !rows.isEmpty();
        for (List<String> row : rows) {
            String cell = row.get(index);
            width = Math.max(width, cell.codePointCount(0, cell.length()));
            right &= cell.matches("[\\d.,:%-]*( ?([KMGTP]i)?B(/s)?)?");
        }
        return new Column(width, right);
    }

    private static void print(PrintWriter out, String indent, List<String> cells, List<Column> columns) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            padded.add(columns.get(i).pad(cells.get(i)));
        }
        out.println(indent + padded.stream().collect(Collectors.joining("  ")).stripTrailing());
    }

    private record Column(int width, boolean right) {
        String pad(String cell) {
            String space = " ".repeat(Math.max(0, width - cell.codePointCount(0, cell.length())));
            return right ? space + cell : cell + space;
        }
    }
}
