package io.dbbackup.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.BackupException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One page of a list.
 *
 * @param next path of the next page; also in the header {@code Link}
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Page<T>(List<T> items, Optional<String> next) {
    public static final int LARGEST = 200;

    /** @throws BackupException INVALID_PARAMETER when it is not from 1 to {@value #LARGEST} */
    public static int limit(String limit) {
        return (int) Query.number("limit", limit, 1, LARGEST);
    }

    /**
     * The response for a page that was asked for with one item more than its limit.
     *
     * @param cursor what the query parameter {@code after} is for the items after one
     */
    public static <T> Response response(List<T> found, int limit, Function<T, String> cursor, UriInfo uri) {
        if (found.size() <= limit) {
            return Response.ok(new Page<>(found, Optional.empty())).build();
        }
        List<T> items = found.subList(0, limit);
        String next = uri.getRequestUriBuilder()
                .replaceQueryParam("after", "{after}")
                .build(cursor.apply(items.get(limit - 1)))
                .toString()
                .replaceFirst("^https?://[^/]+", "");
        return Response.ok(new Page<>(items, Optional.of(next))).header("Link", "<" + next + ">; rel=\"next\"").build();
    }
}
