package io.dbbackup.rest.problem;

import io.dbbackup.rest.RestApplication;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Everything that leaves a resource or JAX-RS itself as an exception becomes a problem. */
@Provider
public class ServiceProblems implements ExceptionMapper<Throwable> {
    @Context
    private UriInfo uri;

    @Context
    private Request request;

    @Override
    public Response toResponse(Throwable thrown) {
        String instance = RestApplication.PATH + uri.getPath();
        if (thrown instanceof WebApplicationException http) {
            return ofHttp(http, instance);
        }
        return ProblemResponses.of(thrown, instance, "GET".equals(request.getMethod()));
    }

    private static Response ofHttp(WebApplicationException http, String instance) {
        Response answer = http.getResponse();
        if (answer.getStatus() < 400) {
            return answer;
        }
        Response.ResponseBuilder problem = Response.status(answer.getStatus())
                .type(ProblemBody.MEDIA_TYPE)
                .entity(ProblemResponses.http(answer.getStatus(), instance));
        for (String header : new String[] {HttpHeaders.ALLOW, HttpHeaders.WWW_AUTHENTICATE}) {
            if (answer.getHeaderString(header) != null) {
                problem.header(header, answer.getHeaderString(header));
            }
        }
        return problem.build();
    }
}
