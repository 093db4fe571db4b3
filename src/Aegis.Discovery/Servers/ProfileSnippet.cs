using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core;

namespace Aegis.Discovery.Servers;

/// <summary>What to put into a profile to use found servers: providers with their addresses, and an alias for
/// each model. Words of one's own machine cost nothing, so a cost cap needs a price of 0.</summary>
public static class ProfileSnippet
{
    private const string Free = "{ input_usd_per_million: 0, output_usd_per_million: 0 }";

    /// <summary>YAML; empty where there is no server.</summary>
    public static string Of(ImmutableArray<FoundModelServer> servers)
    {
        if (servers.IsEmpty)
        {
            return "";
        }
        var (providers, aliases) = (new StringBuilder(), new StringBuilder());
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var server in servers)
        {
            var provider = FreeId(server.Known.Name, taken);
            providers.Append($"  {provider}:\n    base_url: {Quoted(server.Address.ToString())}\n");
            if (server.NeedsKey)
            {
                providers.Append($"    api_key_env: {KeyName(provider)}\n");
            }
            if (!server.Models.IsEmpty)
            {
                providers.Append("    prices:\n");
            }
            foreach (var model in server.Models.DistinctBy(m => m.Name))
            {
                providers.Append($"      {Quoted(model.Name)}: {Free}\n");
                aliases.Append($"  {FreeId(model.Name, taken)}: "
                    + $"{{ provider: {provider}, model: {Quoted(model.Name)} }}\n");
            }
        }
        return $"providers:\n{providers}{(aliases.Length > 0 ? $"models:\n{aliases}" : "")}";
    }

    // JSON's strings are YAML's
    private static string Quoted(string text) =>
        JsonSerializer.Serialize(text, JsonSerializerOptions.Default);

    private static string KeyName(string provider) =>
        string.Concat(provider.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'))
            + "_API_KEY";

    /// <summary>An id of that name that nothing else here has.</summary>
    private static string FreeId(string name, HashSet<string> taken)
    {
        var id = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'))
            .TrimStart('-', '.', '_');
        id = id.Length == 0 ? "model" : id[..Math.Min(id.Length, IdRule.LengthMax - 4)];
        var free = id;
        for (var number = 2; !taken.Add(free); number++)
        {
            free = $"{id}-{number}";
        }
        return free;
    }
}
