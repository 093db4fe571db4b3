using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Attack.Fuzzing;

/// <summary>A door by method and path, its parameters in braces.</summary>
internal sealed record FuzzDoor(string Method, string Path);

/// <summary>Sends a server what was never meant for it, from one seed, and notes what must not happen: a
/// fault
/// of the server's (5xx but 501, 503 and 505), an answer that does not come in time, a refusal without a
/// code. Nothing of it may change a row, but for workflows that turn out sound.</summary>
internal sealed partial class Fuzzer(HttpClient http, Uri server, string key, int seed)
{
    /// <summary>An answer takes milliseconds; this is for a machine that is busy with something
    /// else.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    /// <summary>Sent at least, however long it takes: fewer say little.</summary>
    public const int Least = 800;

    private const int ShownMax = 3_000;

    private readonly Random random = new(seed);

    public async Task<FuzzReport> WorkflowsAsync(IReadOnlyList<string> sound, int count, TimeSpan limit)
    {
        var mutator = new WorkflowMutator(random, sound);
        var report = new FuzzReport();
        for (var watch = Stopwatch.StartNew(); GoesOn(report, count, watch.Elapsed < limit);)
        {
            await SendAsync(report, "POST", "/v1/workflows", mutator.Next(), "application/yaml");
        }
        return report;
    }

    /// <summary>Bodies that can be sound for no door, at every door that reads one, with odd media types and
    /// encodings among them.</summary>
    public async Task<FuzzReport> BodiesAsync(IReadOnlyList<FuzzDoor> doors, int count, TimeSpan limit)
    {
        var mutator = new BodyMutator(random);
        var report = new FuzzReport();
        for (var watch = Stopwatch.StartNew(); GoesOn(report, count, watch.Elapsed < limit);)
        {
            var door = doors[random.Next(doors.Count)];
            var type = random.Next(8) == 0
                ? Pieces.Any(random, ["application/json; charset=utf-16", "text/plain", "application/xml",
                    "a",
                    "multipart/form-data; boundary=x", "application/json;;;", ""])
                : "application/json";
            await SendAsync(report, door.Method, Filled(door.Path), mutator.Next(), type);
        }
        return report;
    }

    public async Task<FuzzReport> HeadersAsync(int count, TimeSpan limit)
    {
        var calls = new RawCalls(random, server, key);
        var report = new FuzzReport();
        for (var watch = Stopwatch.StartNew(); GoesOn(report, count, watch.Elapsed < limit);)
        {
            var request = calls.Next();
            var what = Shown(request);
            using var deadline = new CancellationTokenSource(AnswerMax);
            var began = Stopwatch.GetTimestamp();
            try
            {
                var answer = await calls.SendAsync(request, deadline.Token);
                report.Answered(what, StatusOf(answer), [], Stopwatch.GetElapsedTime(began));
            }
            catch (OperationCanceledException)
            {
                report.Fault($"{what}: no answer and no end in {AnswerMax}");
            }
        }
        return report;
    }

    private static bool GoesOn(FuzzReport report, int count, bool hasTime) =>
        report.Sent < count && (hasTime || report.Sent < Least);

    private async Task SendAsync(FuzzReport report, string method, string path, byte[] body, string type)
    {
        var what = $"{method} {path} {type} {Shown(body)}";
        using var deadline = new CancellationTokenSource(AnswerMax);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (random.Next(20) == 0)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        }
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var reply = await http.SendAsync(request, deadline.Token);
            var text = await reply.Content.ReadAsStringAsync(deadline.Token);
            var codes = CodesOf(text);
            report.Answered(what, (int)reply.StatusCode, codes, Stopwatch.GetElapsedTime(began));
            if ((int)reply.StatusCode >= 400 && codes.Count == 0
                && !path.StartsWith("/forge/", StringComparison.Ordinal)
                && !path.StartsWith("/git/", StringComparison.Ordinal))
            {
                report.Fault($"{what}: {(int)reply.StatusCode} without a code: {text}");
            }
        }
        catch (OperationCanceledException)
        {
            report.Fault($"{what}: no answer in {AnswerMax}");
        }
        catch (HttpRequestException e)
        {
            report.Fault($"{what}: {e.Message}");
        }
    }

    private string Filled(string path) => Regex.Replace(path, @"\{[^}]+\}",
        _ => Pieces.Any(random, ["x", "run_x", "a.b", "%20", "%F0%9F%98%80", "..%2f", "%2e%2e", "1", "~",
            new string('i', random.Next(1, 300))]));

    private static int StatusOf(string answer) =>
        answer.Length > 12 && answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            && int.TryParse(answer.AsSpan(9, 3), out var status) ? status : 0;

    /// <summary>The problem's own code and those of the places that it lists.</summary>
    private static List<string> CodesOf(string text) => [.. Code().Matches(
        text.StartsWith('{') ? text : "").Select(m => m.Groups[1].Value)];

    private static string Shown(byte[] body) => JsonSerializer.Serialize(
        Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, ShownMax))));

    [GeneratedRegex("\"code\":\"(AEGIS\\d{4})\"")]
    private static partial Regex Code();
}
