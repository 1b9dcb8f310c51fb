package io.dbbackup.service.config;

import io.dbbackup.model.Bandwidth;
import io.dbbackup.service.limit.Rates;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads and writes {@code bandwidth} of a source or a store: a rate, or rates by time of day. */
final class BandwidthSection {
    private static final String KEY = "bandwidth";
    private static final String UNLIMITED = "unlimited";
    private static final String DAYS_ALLOWED = "Give days as mon, tue, wed, thu, fri, sat, sun, or ranges such as mon-fri.";

    private BandwidthSection() {}

    static Optional<Bandwidth> read(YamlMapping item) {
        if (!item.has(KEY)) {
            item.take(KEY);
            return Optional.empty();
        }
        if (item.at(KEY) instanceof MappingNode) {
            return item.mapping(KEY).map(BandwidthSection::byTime);
        }
        return rate(item, KEY).map(Bandwidth::of);
    }

    private static Bandwidth byTime(YamlMapping item) {
        Optional<Long> otherwise = rate(item, "rate");
        String zone = item.text("timezone").orElseGet(() -> ZoneId.systemDefault().getId());
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            item.error(
                    "timezone",
                    "\"" + zone + "\" is not a time zone",
                    DidYouMean.hint(zone, ZoneId.getAvailableZoneIds()) + "Give an IANA name, for example Europe/Berlin.");
        }
        List<Bandwidth.Window> windows = item.mappings("windows").stream().map(BandwidthSection::window).toList();
        item.finish();
        return new Bandwidth(otherwise, windows, zone);
    }

    private static Bandwidth.Window window(YamlMapping item) {
        List<DayOfWeek> days = new ArrayList<>();
        item.texts("days").forEach(text -> days(item, text).stream()
                .filter(day -> !days.contains(day))
                .forEach(days::add));
        LocalTime from = time(item, "from");
        LocalTime to = time(item, "to");
        if (!item.has("rate")) {
            item.required("rate", Rates.ALLOWED + " Or give " + UNLIMITED + ".");
        }
        Optional<Long> rate = rate(item, "rate");
        item.finish();
        return new Bandwidth.Window(days, from, to, rate);
    }

    private static Optional<Long> rate(YamlMapping item, String key) {
        return item.text(key).filter(text -> !text.equals(UNLIMITED)).flatMap(text -> {
            Optional<Long> rate = Rates.parse(text);
            if (rate.isEmpty()) {
                item.error(
                        key, key + " is \"" + text + "\"", Rates.ALLOWED + " At least 1 KiB/s. Or give " + UNLIMITED + ".");
            }
            return rate;
        });
    }

    private static LocalTime time(YamlMapping item, String key) {
        String allowed = "Give a time of day from 00:00 to 24:00, for example 08:30.";
        return item.required(key, allowed)
                .flatMap(text -> {
                    try {
                        // ISO knows no 24:00; the end of the day is the beginning of the next
                        return Optional.of(LocalTime.parse(text.equals("24:00") ? "00:00" : text));
                    } catch (DateTimeException e) {
                        item.error(key, key + " is \"" + text + "\"", allowed);
                        return Optional.empty();
                    }
                })
                .orElse(LocalTime.MIDNIGHT);
    }

    private static List<DayOfWeek> days(YamlMapping item, String text) {
        String[] ends = text.toLowerCase(Locale.ROOT).split("-", 2);
        Optional<DayOfWeek> first = day(ends[0]);
        Optional<DayOfWeek> last = day(ends[ends.length - 1]);
        if (first.isEmpty() || last.isEmpty()) {
            item.error("days", "days has \"" + text + "\"", DAYS_ALLOWED);
            return List.of();
        }
        List<DayOfWeek> days = new ArrayList<>();
        DayOfWeek day = first.get();
        for (days.add(day); day != last.get(); days.add(day)) {
            day = day.plus(1);
        }
        return days;
    }

    private static Optional<DayOfWeek> day(String name) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (name(day).equals(name.strip())) {
                return Optional.of(day);
            }
        }
        return Optional.empty();
    }

    private static String name(DayOfWeek day) {
        return day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH).toLowerCase(Locale.ROOT);
    }

    /** Puts it under its key, in the form that {@link #read} understands. */
    static void write(Map<String, Object> item, Optional<Bandwidth> limit) {
        limit.ifPresent(bandwidth -> {
            if (bandwidth.windows().isEmpty()) {
                item.put(KEY, text(bandwidth.bytesPerSecond()));
                return;
            }
            Map<String, Object> byTime = new LinkedHashMap<>();
            byTime.put("rate", text(bandwidth.bytesPerSecond()));
            byTime.put("timezone", bandwidth.zone());
            byTime.put("windows", bandwidth.windows().stream().map(BandwidthSection::window).toList());
            item.put(KEY, byTime);
        });
    }

    private static Map<String, Object> window(Bandwidth.Window window) {
        Map<String, Object> item = new LinkedHashMap<>();
        if (!window.days().isEmpty()) {
            item.put("days", window.days().stream().map(BandwidthSection::name).toList());
        }
        item.put("from", window.from().toString());
        item.put("to", window.to().toString());
        item.put("rate", text(window.bytesPerSecond()));
        return item;
    }

    private static String text(Optional<Long> rate) {
        return rate.map(Rates::text).orElse(UNLIMITED);
    }
}
