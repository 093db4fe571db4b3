using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.FileHashes;

namespace Aegis.Cli.Expr;

/// <summary>Answers JSON lines of <c>{"expr", "contexts"}</c>, one line each and in order. Memory stays the
/// same however many there are; what was answered is written before it waits for more.</summary>
internal sealed class ExpressionBatch(ConclusionSeen status, IFileHashes? files)
{
    /// <summary>The kind of error of a line that holds no question.</summary>
    public const string InputKind = "input";

    private const int FlushedChars = 64 * 1024;

    // the line itself is a level around the contexts
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = JsonContext.JsonDepthMax + 1 };

    public void Answer(Stream input, TextWriter output, CancellationToken cancel)
    {
        var lines = new BatchLines(input);
        var answers = new StringBuilder();
        while (true)
        {
            if (answers.Length > 0 && (answers.Length >= FlushedChars || !lines.HasLine))
            {
                output.Write(answers);
                answers.Clear();
            }
            cancel.ThrowIfCancellationRequested();
            if (!lines.TryRead(out var line))
            {
                break;
            }
            answers.Append(line is { } question ? Answer(question) : TooLong()).Append('\n');
        }
        output.Write(answers);
    }

    private string Answer(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line, Reading);
            return Answer(json.RootElement);
        }
        catch (JsonException e)
        {
            return Malformed("the line is no JSON", $"an error at byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json finds these only when a string is read
            return Malformed("the line holds half of a surrogate pair, or bytes that are no UTF-8", null);
        }
    }

    private string Answer(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object
            || !line.TryGetProperty("expr", out var text) || text.ValueKind != JsonValueKind.String)
        {
            return Malformed("the line has no expr", null);
        }
        var hasContexts = line.TryGetProperty("contexts", out var contexts)
            && contexts.ValueKind != JsonValueKind.Null;
        if (hasContexts && contexts.ValueKind != JsonValueKind.Object)
        {
            return Malformed("contexts is no object", contexts.ValueKind.ToString());
        }
        var context = new JsonContext(hasContexts ? contexts : null, status, files);
        return ExpressionAnswer.Of(text.GetString()!, context).ToJson();
    }

    private static string Malformed(string what, string? got) => ExpressionAnswer.ErrorJson(InputKind,
        new AegisError("AEGIS7006", what, """{"expr": "…", "contexts": {…}}""", got));

    private static string TooLong() => ExpressionAnswer.ErrorJson(InputKind,
        new AegisError("AEGIS7006", "the line is too long", $"at most {BatchLines.LineBytesMax} bytes"));
}
