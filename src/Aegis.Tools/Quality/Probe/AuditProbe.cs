using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Runs.Audits;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Quality.Probe;

/// <param name="Start">The command that starts the program; it gets PORT and HOST.</param>
/// <param name="Port">Where it listens on the sandbox's own 127.0.0.1.</param>
/// <param name="Paths">What to try: <c>GET /todos?title=x</c>, <c>POST /todos {"title":"x"}</c>, <c>GET
/// /files/{name}</c>.</param>
/// <param name="Openapi">A description in JSON, relative to Cwd, whose paths are tried too.</param>
/// <param name="Protected">What must refuse somebody without credentials: <c>GET /admin</c>.</param>
public sealed record AuditProbeInput(
    [property: StringLength(4096, MinimumLength = 1)] string Start,
    [property: Range(1024, 65535)] int Port,
    [property: Length(0, AuditProbe.PathsMax)] ImmutableArray<string>? Paths = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: StringLength(WorkPath.LengthMax)] string? Openapi = null,
    [property: Length(0, AuditProbe.PathsMax)] ImmutableArray<string>? Protected = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var wrong in QaReview.Misplaced(Openapi is null ? [] : [Openapi]))
        {
            yield return wrong;
        }
        if ((Paths ?? []).Concat(Protected ?? []).Any(entry => entry.Length > 2_000
            || entry.Split(' ', 3) is not [{ Length: > 0 }, ['/', ..], ..]))
        {
            yield return new ValidationResult("an entry is METHOD /path, with a JSON body behind it or none");
        }
        if ((Paths ?? []).IsEmpty && Openapi is null)
        {
            yield return new ValidationResult("paths or openapi says what to try");
        }
    }
}

// Program and prober are one command in one sandbox, so that they share its loopback and nothing of either
// leaves it. The prober stands in the same sandbox as the code under test, as a test's runner does: a program
// that sets out to fool it can. The audit of the sources stands beside it.

/// <summary>The Auditor's dynamic half: starts the program and tries its inputs. What it finds is a verdict
/// of
/// its own, on the running program.</summary>
public sealed class AuditProbe : Tool<AuditProbeInput>
{
    public const int PathsMax = 100;
    public const int OversizeBytesMax = 8 * 1024 * 1024;

    /// <summary>The rule set that its verdicts name.</summary>
    public const string Ruleset = "probe";

    private const int ReportBytesMax = 1024 * 1024;
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(4);
    private static readonly Lazy<string> Script = new(ReadScript);

    private static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public override ToolDescriptor Descriptor { get; } =
        new("audit.probe", "tools:quality", ToolEffect.Idempotent,
            "Starts the program in the sandbox and tries injections, broken and oversize inputs on it.",
            UsesWorkspace: true) { NeedsRun = true };

    public override string? CommandLine(JsonElement input) =>
        input.ValueKind == JsonValueKind.Object && input.TryGetProperty("start", out var start)
            && start.ValueKind == JsonValueKind.String ? start.GetString() : null;

    protected override async ValueTask<ToolResult> InvokeAsync(AuditProbeInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var config = JsonSerializer.Serialize(new
        {
            start = input.Start,
            port = input.Port,
            cwd,
            paths = input.Paths ?? [],
            openapi = input.Openapi,
            @protected = input.Protected ?? [],
            seconds = (int)TimeMax.TotalSeconds - 20,
            oversize = OversizeBytesMax,
            paths_max = PathsMax,
        });
        var result = await execution.SandboxAsync(new SandboxCommand(["python3", "-c", Script.Value, config],
            cwd!, Quiet: true, Timeout: TimeMax, CaptureBytesMax: ReportBytesMax), cancel);
        var report = Read(result);
        return report is null
            ? Broken(cwd!,
                $"the prober gave no report: exit code {result.ExitCode} {Tail(result.StderrText)}")
            : !report.Started ? Broken(cwd!, report.Why ?? "it did not start")
                : Judge(cwd!, report, execution);
    }

    private static ToolResult Broken(string cwd, string why) => ToolResult.Fail(new AegisError("AEGIS2643",
        "the program could not be tried", "a program that listens on its port within 30 s", why,
        "let it listen on PORT at HOST; look at what start prints")) with
    {
        Audit = Verdict(cwd, AuditVerdict.Broken, 0, 0),
    };

    private static ToolResult Judge(string cwd, ProbeReport report, Execution execution)
    {
        var blocking = report.Findings.Count(finding => finding.Severity == "error");
        var status = blocking > 0 ? AuditVerdict.Vulnerable
            : report.Why is null ? AuditVerdict.Clean : AuditVerdict.Broken;
        var text = new StringBuilder();
        foreach (var finding in report.Findings)
        {
            text.Append($"{finding.Severity} {finding.Rule}: {finding.Message}\n  {finding.Request}\n")
                .Append($"  {finding.Status} {finding.Excerpt.ReplaceLineEndings(" ")}\n");
        }
        text.Append($"{report.Requests} requests, {report.Findings.Length} findings, {status}");
        execution.Log(text.ToString());
        var outputs = JsonSerializer.SerializeToElement(new
        {
            build_status = status,
            blocking,
            total = report.Findings.Length,
            requests = report.Requests,
            restarts = report.Restarts,
            stopped = report.Why,
            findings = report.Findings,
        }, Shape);
        var error = status == AuditVerdict.Clean ? null : new AegisError("AEGIS2642",
            blocking > 0 ? $"{blocking} attacks on the running program worked: {Names(report)}"
                : $"the program was not tried to the end: {report.Why}",
            Mend: "mend each by its request, which the outputs show, and probe again");
        return new ToolResult(error is null, text.ToString(), outputs, null, error)
        {
            Audit = Verdict(cwd, status, blocking, report.Findings.Length),
        };
    }

    private static string Names(ProbeReport report) => string.Join("; ", report.Findings
        .Where(finding => finding.Severity == "error").Take(5)
            .Select(finding => $"{finding.Rule} {finding.Request}"));

    private static AuditVerdict Verdict(string cwd, string status, int blocking, int total) => new(
        $"running:{cwd}", status, Ruleset, Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(Script.Value))), blocking, total);

    private static ProbeReport? Read(CommandResult result)
    {
        try
        {
            return result.Ok ? JsonSerializer.Deserialize<ProbeReport>(result.Stdout.Span, Shape) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Tail(string text) => text.Length > 300 ? text[^300..] : text;

    private static string ReadScript()
    {
        using var stream = typeof(AuditProbe).Assembly.GetManifestResourceStream("probe.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed record ProbeReport(bool Started, string? Why, int Requests, int Restarts,
        ImmutableArray<ProbeFinding> Findings);

    private sealed record ProbeFinding(string Rule, string Severity, string Message, string Mend,
        string Request,
        int Status, string Excerpt);
}
