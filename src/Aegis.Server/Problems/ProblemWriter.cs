using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Server.Json;

namespace Aegis.Server.Problems;

/// <summary>Writes RFC 9457 problem details: code, expected, got and mend beside the standard members, and
/// <c>errors</c> with file, line and column for what is wrong in a file.</summary>
public static class ProblemWriter
{
    public const string MediaType = "application/problem+json";

    public static Task WriteAsync(HttpContext http, AegisError error,
        ImmutableArray<Diagnostic> diagnostics = default) =>
        WriteAsync(http, ErrorRegistry.Status(error.Code), error, diagnostics);

    public static Task WriteAsync(HttpContext http, int status, AegisError error,
        ImmutableArray<Diagnostic> diagnostics = default, string? rule = null) =>
        WriteAsync(http, ProblemAnswer.Of(status, error, diagnostics, rule));

    public static async Task WriteAsync(HttpContext http, ProblemAnswer problem)
    {
        var (status, type, bytes) = http.GetEndpoint()?.Metadata.GetMetadata<IProblemForm>() is { } form
            ? form.Of(problem)
            : (problem.Status, MediaType,
                JsonSerializer.SerializeToUtf8Bytes(problem, DoorJson.Default.ProblemAnswer));
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer, Basic realm=\"aegis\"";
        }
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        }
    }
}
