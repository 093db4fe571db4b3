using Aegis.Core.Catalogue;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Caching;

/// <summary>What of a prompt its provider is asked to keep.</summary>
public enum PromptUse
{
    None,

    /// <summary>It does so by itself.</summary>
    Automatic,

    /// <summary>What the client marked, or what was marked for it.</summary>
    Marked,

    /// <summary>The body names what is kept already.</summary>
    Named,
}

/// <summary>A try's body as it is sent.</summary>
/// <param name="Original">The body as it was, for when the provider does not know the name any
/// more.</param>
/// <param name="Extra">Paid beside the call: for what was stored by a call of its own.</param>
/// <param name="StoredTokens">By that call; they are counted as written to the provider's cache.</param>
public readonly record struct PreparedPrompt(ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Original,
    PromptUse Use, CallPrice Extra = default, long StoredTokens = 0)
{
    /// <summary>Whether the provider may have refused the name alone: then <see cref="PromptCaches.Forget"/>
    /// it and send <see cref="Original"/>.</summary>
    public bool IsStale(UpstreamFailure failure) => Use == PromptUse.Named && failure.Kind is
        UpstreamFailureKind.NotFound or UpstreamFailureKind.Refused or UpstreamFailureKind.KeyRefused;
}
