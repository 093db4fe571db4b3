using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Server.Problems;

/// <summary>Writes RFC 9457 problem details: code, expected, got and mend beside the standard members, and
/// <c>errors</c> with file, line and column for what is wrong in a file.</summary>
public static class ProblemWriter
{
    public const string MediaType = "application/problem+json";

    /// <summary>A file with more errors than this shows the first ones.</summary>
    public const int ErrorsMax = 100;

    public static Task WriteAsync(HttpContext http, AegisError error,
        ImmutableArray<Diagnostic> diagnostics = default) =>
        WriteAsync(http, ErrorRegistry.Status(error.Code), error, diagnostics);

    public static async Task WriteAsync(HttpContext http, int status, AegisError error,
        ImmutableArray<Diagnostic> diagnostics = default)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = MediaType;
        if (status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer, Basic realm=\"aegis\"";
        }
        var bytes = Bytes(status, error, diagnostics);
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(
        int status, AegisError error, ImmutableArray<Diagnostic> diagnostics)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type", $"urn:aegis:error:{error.Code}");
        json.WriteString("title", ErrorRegistry.Title(error.Code));
        json.WriteNumber("status", status);
        json.WriteString("detail", error.Message);
        json.WriteString("code", error.Code);
        WriteRest(json, error);
        if (!diagnostics.IsDefaultOrEmpty)
        {
            json.WriteStartArray("errors");
            foreach (var diagnostic in diagnostics.Take(ErrorsMax))
            {
                Write(json, diagnostic);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Error.Code);
        json.WriteString("message", diagnostic.Error.Message);
        json.WriteString("file", diagnostic.At.File);
        json.WriteNumber("line", diagnostic.At.Line);
        json.WriteNumber("column", diagnostic.At.Column);
        WriteRest(json, diagnostic.Error);
        json.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter json, AegisError error)
    {
        foreach (var (name, value) in new[]
            { ("expected", error.Expected), ("got", error.Got), ("mend", error.Mend) })
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }
}
