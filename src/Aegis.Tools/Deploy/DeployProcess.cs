using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy;

/// <summary>Serves a built tree from this node: seals it, starts its programs in sandboxes beside what is
/// served, and leads the deployment's address to them once they are well.</summary>
public sealed class DeployProcess : Tool<DeployProcessInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("deploy.process", "tools:deploy", ToolEffect.Reconcilable,
        "Serves a built tree as a supervised, health-checked program at a stable local address.",
            UsesWorkspace: true);

    /// <summary>What is started later is judged now.</summary>
    public override string? CommandLine(JsonElement input) =>
        Items(input, "services").Prepend(input).Select(s => Words(s)).Where(words => words.Count > 0)
            .Select(CommandWords.Line).ToList() is { Count: > 0 } lines ? string.Join(" && ", lines) : null;

    protected override AegisError? Judge(DeployProcessInput input) => DeployProcessRules.Fault(input);

    protected override async ValueTask<ToolResult> InvokeAsync(DeployProcessInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var wrong))
        {
            return ToolResult.Fail(wrong!);
        }
        foreach (var secret in input.All.SelectMany(s => s.Secrets?.Values ?? []).Distinct())
        {
            if (await execution.SecretAsync(secret, null, cancel) is null)
            {
                return ToolResult.Fail(Execution.NoSecret(secret));
            }
        }
        var (archive, unpacked) = await TreeArchive.PackAsync(execution, path, cancel);
        if (archive is null)
        {
            return ToolResult.Fail(unpacked!);
        }
        var release = new ReleaseSpec(await HashAsync(archive, cancel),
            [.. input.All.Select(s => s.Spec())], input.StartSeconds, input.SettleSeconds, []);
        return Answer(await execution.DeployAsync(input.Name, release, archive, input.Keep, cancel));
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(DeployProcessInput input, Execution execution,
        CancellationToken cancel) =>
        await execution.DeployedAsync(input.Name, cancel) is { } served
            ? new ProbeResult.Happened(Answer(served)) : new ProbeResult.NotHappened();

    private static List<string> Words(JsonElement service) => [.. Items(service, "start")
        .Where(w => w.ValueKind == JsonValueKind.String).Select(w => w.GetString()!)];

    private static IEnumerable<JsonElement> Items(JsonElement holder, string member) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(member, out var items)
            && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    private static ToolResult Answer(ServedRelease served) => new(true,
        $"{served.Url} leads to {served.Release}", ToolJson.Element(new
        {
            name = served.Name,
            url = served.Url.GetLeftPart(UriPartial.Authority),
            release = served.Release,
            before = served.Before,
            healthy_ms = served.HealthyMs,
        }));

    private static async Task<string> HashAsync(string archive, CancellationToken cancel)
    {
        await using var file = File.OpenRead(archive);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }
}
