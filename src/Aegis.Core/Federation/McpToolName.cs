using System.Diagnostics.CodeAnalysis;

namespace Aegis.Core.Federation;

/// <summary><c>mcp.SERVER.TOOL</c>: a federated tool's name here. What an outsider calls its tool may be no
/// name here (spaces, slashes, other letters); such a tool is left out.</summary>
public static class McpToolName
{
    public const string Prefix = "mcp.";

    /// <summary>What the whole name may be, for every client that shows it.</summary>
    public const int CharsMax = 64;

    /// <summary>Null where it would be no name.</summary>
    public static string? Of(string server, string tool)
    {
        var name = $"{Prefix}{server}.{tool}";
        return name.Length <= CharsMax && !server.Contains('.') && IdRule.IsValid(server)
            && IdRule.IsValid(tool)
            ? name
            : null;
    }

    public static bool TryRead(
        string name, [NotNullWhen(true)] out string? server, [NotNullWhen(true)] out string? tool)
    {
        (server, tool) = (null, null);
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }
        var rest = name[Prefix.Length..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || dot == rest.Length - 1)
        {
            return false;
        }
        (server, tool) = (rest[..dot], rest[(dot + 1)..]);
        return true;
    }
}
