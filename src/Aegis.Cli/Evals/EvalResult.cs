using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Cli.Evals;

/// <summary>What a suite came to, to be kept and compared with.</summary>
internal sealed record EvalResult(string Suite, string Agent, DateTimeOffset At, EvalTotal Total,
    IReadOnlyList<CaseResult> Cases)
{
    public const int BytesMax = 16 << 20;

    public static EvalResult Of(
        string suite, string agent, DateTimeOffset at, IReadOnlyList<CaseResult> cases) =>
        new(suite, agent, at, EvalTotal.Of(cases), cases);

    public static EvalResult Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(Commands.Files.Read(file, BytesMax),
                EvalJson.Default.EvalResult) is { Cases: not null } read ? read : throw Unread(file);
        }
        catch (JsonException)
        {
            throw Unread(file);
        }
    }

    private static CliException Unread(string file) => new(ExitCode.Usage, "AEGIS2748",
        $"{file} is no result of aegis eval", "keep one with --out FILE, or by --json");
}

/// <param name="Hash">Of everything that the case asks for.</param>
/// <param name="Pass1">The tests passed after the first try.</param>
/// <param name="Pass2">They passed after the first or the second one.</param>
/// <param name="Model">Provider and model that answered last.</param>
/// <param name="Origin">Of the model's words: live, cached, recorded or scripted.</param>
/// <param name="Error">Why it did not pass.</param>
internal sealed record CaseResult(string Id, string Hash, [property: JsonPropertyName("pass_1")] bool Pass1,
    [property: JsonPropertyName("pass_2")] bool Pass2, int Turns, long Tokens, decimal CostUsd,
    double Seconds, string? Model, string? Origin, string? Error, string RunId);

/// <param name="Pass1">Part of the cases, 0 to 1.</param>
internal sealed record EvalTotal(int Cases, [property: JsonPropertyName("pass_1")] double Pass1,
    [property: JsonPropertyName("pass_2")] double Pass2, int Turns, long Tokens, decimal CostUsd,
    double Seconds)
{
    public static EvalTotal Of(IReadOnlyList<CaseResult> cases) => new(cases.Count,
        Part(cases, c => c.Pass1), Part(cases, c => c.Pass2), cases.Sum(c => c.Turns),
        cases.Sum(c => c.Tokens), cases.Sum(c => c.CostUsd), cases.Sum(c => c.Seconds));

    private static double Part(IReadOnlyList<CaseResult> cases, Func<CaseResult, bool> passed) =>
        cases.Count == 0 ? 0 : Math.Round((double)cases.Count(passed) / cases.Count, 4);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true)]
[JsonSerializable(typeof(EvalResult))]
internal sealed partial class EvalJson : JsonSerializerContext;
