using System.Collections.Immutable;
using Aegis.Core.Catalogue;

namespace Aegis.Models;

/// <summary>Limits of a model call.</summary>
public sealed record ModelDoorOptions
{
    /// <summary>How long one answer may take, 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is sent again that a server refused before working on it (429, 503):
    /// 2.</summary>
    public int RetriesMax { get; init; } = 2;

    /// <summary>The longest answer that is read, 8 MiB.</summary>
    public int ReplyBytesMax { get; init; } = 8 << 20;

    /// <summary>The providers and models that profiles may take their facts from.</summary>
    public Func<ModelCatalogue> Catalogue { get; init; } = () => ModelCatalogue.BuiltIn;

    /// <summary>Servers that count as local though they are on other machines, <c>host:port</c>; this machine
    /// always does.</summary>
    public ImmutableArray<string> LocalHosts { get; init; } = [];

    /// <summary>The longest conversation that is sent, in characters, 2 Mi.</summary>
    public int PromptCharsMax { get; init; } = 2 << 20;
}
