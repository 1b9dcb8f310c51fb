package io.dbbackup.rest.problem;

import io.dbbackup.model.Json;
import io.dbbackup.rest.Roles;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.stream.Stream;

/** The server's error page: what is refused before it gets to the API (credentials above all) is a problem as well. */
@WebServlet("/problem")
public class ErrorPage extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Integer status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        String path = (String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        int code = status == null || status == HttpServletResponse.SC_FORBIDDEN && mayComeIn(request) ? HttpServletResponse.SC_NOT_FOUND : status;
        response.setStatus(code);
        response.setContentType(ProblemBody.MEDIA_TYPE);
        byte[] body = Json.MAPPER.writeValueAsBytes(
                ProblemResponses.http(code, path == null ? request.getRequestURI() : path));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** What the server refuses to somebody with a role is refused to all, a directory for example; roles of the API are refused by itself. */
    private static boolean mayComeIn(HttpServletRequest request) {
        return Stream.of(Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN).anyMatch(request::isUserInRole);
    }
}
