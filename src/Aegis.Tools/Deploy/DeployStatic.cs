using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Deployments.Sites;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy;

/// <summary>Brings a built site into a bucket of any store that speaks S3, and back to an earlier release of
/// it.</summary>
public sealed class DeployStatic : Tool<DeployStaticInput>
{
    private const int ShownMax = 200;
    private const string Target = "static";

    public override ToolDescriptor Descriptor { get; } =
        new("deploy.static", "tools:deploy", ToolEffect.Idempotent,
        "Publishes a folder in an S3 bucket: contents first, pages last, releases kept to go back to.",
            UsesWorkspace: true);

    /// <summary>The bucket's own host, as it is connected to.</summary>
    public override string? EgressUrl(JsonElement input) =>
        Bound(input) is { } bound && bound.Fault() is null ? bound.Place().Address.AbsoluteUri : null;

    protected override AegisError? Judge(DeployStaticInput input) => input.Fault();

    protected override async ValueTask<ToolResult> InvokeAsync(DeployStaticInput input, Execution execution,
        CancellationToken cancel)
    {
        var back = input.Action == DeployStaticInput.RollBack;
        var (site, error) = back || !WorkPath.TryResolve(input.Path, out var folder, out _) ? (null, null)
            : await SiteArchive.ReadAsync(execution, folder, input.Names(), cancel);
        if (error is not null)
        {
            return ToolResult.Fail(error);
        }
        await execution.MayPublishAsync(input.Name, Target, cancel);
        using var bucket = await execution.BucketAsync(input.Place(), input.Credentials.Names(), cancel);
        return await execution.HoldingAsync($"deploy/{input.Name}", held =>
            HeldAsync(input, execution, new SiteShelf(bucket, input.Names()), site, held), cancel);
    }

    private static async ValueTask<ToolResult> HeldAsync(DeployStaticInput input, Execution execution,
        SiteShelf shelf, SiteArchive? site, CancellationToken cancel)
    {
        await shelf.LookAsync(cancel);
        var (release, files) = site is not null ? (SiteManifest.IdOf(site.Files), site.Files)
            : await BackAsync(shelf, input, cancel);
        if (release is null)
        {
            return ToolResult.Fail(new AegisError("AEGIS2666", input.Release is null
                    ? $"{input.Name} has no release to go back to"
                    : $"{input.Name} has no release {input.Release}",
                "a release that is kept", string.Join(", ", shelf.Current?.History ?? []),
                "deploy it anew"));
        }
        var change = shelf.ChangeTo(files, input.Prune);
        if (input.Action == DeployStaticInput.Plan)
        {
            return Planned(input, release, shelf.Current, change);
        }
        if (site is null && !change.Send.IsEmpty)
        {
            return ToolResult.Fail(new AegisError("AEGIS2666", $"the bucket lacks contents of {release}",
                "all that it is made of", $"without {change.Send.Length} of them", "deploy it anew"));
        }
        return await ShowAsync(input, execution, (shelf, site, release, change), cancel);
    }

    private static async Task<ToolResult> ShowAsync(DeployStaticInput input, Execution execution,
        (SiteShelf Shelf, SiteArchive? Site, string Release, SiteChange Change) todo,
        CancellationToken cancel)
    {
        var (shelf, change, before) = (todo.Shelf, todo.Change, todo.Shelf.Current?.Release);
        if (todo.Site is { } site)
        {
            await shelf.SendAsync(change, site.Open, cancel);
            execution.Log($"sent {change.Send.Length} contents, {change.Send.Sum(f => f.Bytes)} bytes");
        }
        var shown = await shelf.ShowAsync(todo.Release, change, input.Keep, cancel);
        execution.Log(
            $"{todo.Release} is shown: {change.Assets.Length} files, then {change.Pages.Length} pages");
        await shelf.TidyAsync(shown, change, cancel);
        var url = input.Url ?? input.Place().Address.AbsoluteUri + input.Names().Prefix;
        await execution.PublishedAsync(
            new PublishedRelease(input.Name, Target, todo.Release, before, url), cancel);
        return new ToolResult(true, $"{url} shows {todo.Release}", ToolJson.Element(new
        {
            name = input.Name,
            url,
            release = todo.Release,
            before,
            files = shown.Files.Length,
            sent = change.Send.Length,
            sent_bytes = change.Send.Sum(f => f.Bytes),
            unchanged = change.Unchanged.Length,
            removed = change.Removed.Length,
            left = change.Left.Length,
            releases = shown.History,
        }));
    }

    private static async Task<(string?, ImmutableArray<SiteFile>)> BackAsync(
        SiteShelf shelf, DeployStaticInput input, CancellationToken cancel)
    {
        var id = input.Release ?? shelf.Current?.History.ElementAtOrDefault(1);
        return id is not null && await shelf.ReleaseAsync(id, cancel) is { } found
            ? (found.Release, [.. found.Files.Select(f => new SiteFile(f.Path, f.Sha256, f.Bytes))])
            : (null, []);
    }

    private static ToolResult Planned(
        DeployStaticInput input, string release, SiteManifest? current, SiteChange change)
    {
        var lines = change.Assets.Concat(change.Pages).Select(f => $"put {f.Path} ({f.Bytes} bytes)")
            .Concat(change.Removed.Select(f => $"remove {f.Path}")).ToList();
        return new ToolResult(true,
            lines.Count == 0 ? "nothing would change" : string.Join('\n', lines.Take(ShownMax)),
            ToolJson.Element(new
            {
                name = input.Name,
                release,
                current = current?.Release,
                send = change.Send.Length,
                send_bytes = change.Send.Sum(f => f.Bytes),
                put = change.Assets.Length + change.Pages.Length,
                remove = change.Removed.Length,
                unchanged = change.Unchanged.Length,
                changes = lines.Take(ShownMax),
            }));
    }
}
