using System.Text.Json;
using Aegis.Core.FileHashes;

namespace Aegis.Core.Expressions;

/// <summary>A context whose roots are the members of one JSON object.</summary>
public sealed class JsonContext : ExpressionContext
{
    /// <summary>How deep the JSON around it may be read: the object itself and what its values may
    /// have.</summary>
    public const int JsonDepthMax = JsonText.DepthMax + 1;

    private readonly JsonMembers? members;
    private readonly ConclusionSeen status;

    /// <param name="roots">An object.</param>
    /// <param name="status">What the status functions answer by.</param>
    public JsonContext(JsonElement? roots, ConclusionSeen status, IFileHashes? files)
    {
        members = roots is { } json ? new JsonMembers(json) : null;
        Names = roots is { } root ? [.. root.EnumerateObject().Select(m => m.Name)] : [];
        this.status = status;
        Files = files;
    }

    public IReadOnlyCollection<string> Names { get; }

    public override bool Success => status == ConclusionSeen.Success;

    public override bool Failure => status == ConclusionSeen.Failure;

    public override bool Cancelled => status == ConclusionSeen.Cancelled;

    public override IFileHashes? Files { get; }

    public override ExpressionValue? Root(string name) => members?.Get(name);
}

/// <summary>How what came before has ended.</summary>
public enum ConclusionSeen
{
    Success,
    Failure,
    Cancelled,
}
