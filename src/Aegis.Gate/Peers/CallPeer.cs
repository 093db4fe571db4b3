using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Gate.Peers;

/// <summary>Who waits at the other end of a call while it goes on. A door fills it where its client can
/// listen; in a run it hears, and can be asked nothing.</summary>
public abstract class CallPeer
{
    /// <summary>What may be asked.</summary>
    public abstract PeerAbilities Can { get; }

    /// <summary>Whether anybody hears how far the call has come: making it known may be work.</summary>
    public virtual bool WantsProgress => true;

    /// <summary>How far the call has come; nothing happens where nobody asked for it.</summary>
    public abstract ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel);

    /// <summary>Words for whoever watches.</summary>
    public abstract ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel);

    /// <summary>Asks the client, all at once; each reply stands under its request's name. The tool may be
    /// begun anew with the replies, so that it must not have done anything before it asks, and must ask the
    /// same things in the same order.</summary>
    /// <exception cref="AegisException">AEGIS6205: nobody can be asked.</exception>
    public abstract ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
        IReadOnlyList<PeerRequest> requests, CancellationToken cancel);
}

[Flags]
public enum PeerAbilities
{
    None = 0,
    Form = 1,
    Sample = 2,
    Roots = 4,
}

/// <param name="Total">Null where it is not known.</param>
public sealed record CallProgress(double Done, double? Total = null, string? Message = null);

public enum PeerLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>Something that a tool asks its caller.</summary>
/// <param name="Name">Unique in the call.</param>
public abstract record PeerRequest(string Name)
{
    /// <summary>Requests of one call.</summary>
    public const int RequestsMax = 16;

    /// <summary>The person behind the client fills in a form.</summary>
    /// <param name="Schema">A JSON schema of an object with plain members.</param>
    public sealed record Form(string Name, string Message, JsonElement Schema) : PeerRequest(Name);

    /// <summary>The client's own model answers.</summary>
    public sealed record Sample(string Name, string Text, int TokensMax, string? System = null)
        : PeerRequest(Name);

    /// <summary>The client names the folders that it works in.</summary>
    public sealed record Roots(string Name) : PeerRequest(Name);
}

/// <param name="Accepted">False where a person declined or dismissed a form.</param>
/// <param name="Content">The form's members, or the folders.</param>
/// <param name="Text">What the model said.</param>
public sealed record PeerReply(bool Accepted, JsonElement? Content = null, string? Text = null);

/// <summary>Nobody.</summary>
internal sealed class SilentPeer : CallPeer
{
    public static SilentPeer Instance { get; } = new();

    public override PeerAbilities Can => PeerAbilities.None;

    public override bool WantsProgress => false;

    public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel) =>
        ValueTask.CompletedTask;

    public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel) =>
        ValueTask.CompletedTask;

    public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
        IReadOnlyList<PeerRequest> requests, CancellationToken cancel) =>
        throw new AegisException(new AegisError("AEGIS6205", "nobody is there to answer the tool",
            "a client that can be asked", "a run", "give the answer as input of the call"));
}
