using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Core.Discovery;

/// <summary>On which ports of loopback servers of models are asked for: those of the catalogue, or, for a
/// server that is named, those that are named: <c>ollama:11435, vllm:8001, vllm:8002</c>.</summary>
public static class ModelPorts
{
    public const int PortsMax = 50;

    public static ImmutableArray<(KnownModelServer Server, int Port)> Of(
        ModelServerCatalogue catalogue, IReadOnlyList<(string Server, int Port)> named) =>
    [
        .. catalogue.Servers.Values.Where(s => named.All(n => n.Server != s.Name)).Select(s => (s, s.Port)),
        .. named.Select(n => (catalogue.Servers[n.Server], n.Port)),
    ];

    /// <summary>False where an entry names no server of the catalogue, or no port.</summary>
    public static bool TryParse(string text, ModelServerCatalogue catalogue,
        out ImmutableArray<(string Server, int Port)> ports)
    {
        var entries = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var read = entries.Select(e => Entry(e, catalogue)).ToList();
        ports = [.. read.OfType<(string, int)>()];
        return ports.Length == entries.Length && ports.Length <= PortsMax;
    }

    private static (string, int)? Entry(string entry, ModelServerCatalogue catalogue) =>
        entry.Split(':') is [var name, var port] && catalogue.Servers.ContainsKey(name)
            && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 65_535 ? (name, number) : null;
}
