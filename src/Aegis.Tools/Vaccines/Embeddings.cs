using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Tools.Vaccines;

/// <summary>A text as a model sees it.</summary>
/// <param name="Model">Provider and model: vectors of different ones have nothing in common.</param>
internal sealed record Embedding(string Model, float[] Values);

/// <summary>Asks an embedding model of the profile.</summary>
internal static class Embeddings
{
    public const int ModelCharsMax = 128;
    public const int NumbersMax = 8_192;

    public static async ValueTask<(Embedding? Vector, AegisError? Error)> OfAsync(
        string model, string text, Execution execution, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { model, input = text });
        var outline = CallOutline.Read(body);
        var end = await execution.ModelAsync(
            new ModelCall(WireProtocol.OpenAi, AnswerKind.Embeddings, body, outline.Model)
            {
                Outline = outline,
            }, cancel);
        if (end.Error is { } error)
        {
            return (null, error);
        }
        var values = Numbers(end.Body);
        return values.Length is > 0 and <= NumbersMax
            ? (new Embedding($"{end.Use!.Provider}/{end.Use.Model}", values), null)
            : (null, VaccineVectorError(model, values.Length));
    }

    private static float[] Numbers(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.TryGetProperty("data", out var data)
            && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() == 1
            && data[0].TryGetProperty("embedding", out var numbers)
            && numbers.ValueKind == JsonValueKind.Array
            ? [.. numbers.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.Number)
                .Select(n => n.GetSingle())]
            : [];
    }

    private static AegisError VaccineVectorError(string model, int count) => new("AEGIS2631",
        $"{model} answered no vector that can be kept", $"1 to {NumbersMax} numbers", $"{count}",
        "name an embedding model of the profile");
}
