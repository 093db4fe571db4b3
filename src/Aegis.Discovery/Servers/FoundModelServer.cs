using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Servers;

/// <summary>A server of models that answers on this machine.</summary>
/// <param name="Address">Where it speaks OpenAI's protocol.</param>
/// <param name="NeedsKey">It tells its models only to who brings a key.</param>
/// <param name="More">Models that it has beside those listed.</param>
public sealed record FoundModelServer(KnownModelServer Known, int Port, Uri Address, string? Version,
    bool NeedsKey, ImmutableArray<ServedModel> Models, int More);

/// <param name="Bytes">Null where the server does not tell.</param>
public sealed record ServedModel(string Name, long? Bytes);
