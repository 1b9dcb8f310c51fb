package io.dbbackup.rest.problem;

import io.dbbackup.model.Json;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The server's error page: what is refused before it gets to the API (credentials above all) is a problem as well. */
@WebServlet("/problem")
public class ErrorPage extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Integer status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        String path = (String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        int code = status == null ? 404 : status;
        response.setStatus(code);
        response.setContentType(ProblemBody.MEDIA_TYPE);
        byte[] body = Json.MAPPER.writeValueAsBytes(
                ProblemResponses.http(code, path == null ? request.getRequestURI() : path));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
