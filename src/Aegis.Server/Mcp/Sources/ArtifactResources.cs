using Aegis.Core.Errors;
using Aegis.Ledger.Artifacts;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary><c>artifact://ID</c>: the newest version of an artifact, as text where it is text.</summary>
internal sealed class ArtifactResources(DoorParts parts) : ResourceSource
{
    private const string Root = "artifact://";

    public override string Scope => Scopes.ArtifactsRead;

    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate
        {
            Name = "artifact",
            UriTemplate = Root + "{id}",
            Description = "The newest version of an artifact of the project",
        },
    ];

    public override async ValueTask<IReadOnlyList<Resource>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel)
    {
        var found = await parts.Artifacts.ListAsync(
            caller.Keys, new ArtifactFilter(null, null, null, null), null, limit, cancel);
        return [.. found.Select(a => new Resource
        {
            Uri = Root + a.ArtifactId,
            Name = a.Path,
            Description = $"version {a.Version}, {a.Status}",
            MimeType = a.MediaType,
            Size = a.Bytes,
        })];
    }

    public override async ValueTask<ResourceContents?> ReadAsync(
        SourceCaller caller, string uri, CancellationToken cancel)
    {
        if (!uri.StartsWith(Root, StringComparison.Ordinal) || await parts.ArtifactDesk.OpenAsync(
            caller.Principal.Tenancy, uri[Root.Length..], null, cancel) is not { } found)
        {
            return null;
        }
        await using var bytes = found.Bytes;
        if (found.Version.Bytes > DoorLimits.McpResourceBytesMax)
        {
            throw new AegisException(McpErrors.TooLarge(uri, found.Version.Bytes));
        }
        using var whole = new MemoryStream();
        await bytes.CopyToAsync(whole, cancel);
        return McpText.Contents(uri, found.Version.MediaType, whole.ToArray());
    }
}
