using System.Text.RegularExpressions;
using Aegis.Attack.Tests.Support;
using Aegis.Server.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aegis.Attack.Tests.Doors;

/// <summary>A door as the running server has it.</summary>
internal sealed partial record Door(string Method, string Path, bool IsOpen)
{
    public IEnumerable<string> Parameters => Parameter().Matches(Path).Select(m => m.Groups[1].Value);

    /// <summary>Answers for GitHub's clients, in GitHub's form.</summary>
    public bool IsForge => Path.StartsWith("/forge/", StringComparison.Ordinal)
        || Path.StartsWith("/git/", StringComparison.Ordinal);

    /// <summary>Makes what it names where that is not there, so that it answers nobody with 404.</summary>
    public bool MakesWhatItNames => Method == "PUT" && !IsForge;

    public static List<Door> All(AttackFixture server) => [.. server.Server.Endpoints.Endpoints
        .OfType<RouteEndpoint>().SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            .Select(m => new Door(m, e.RoutePattern.RawText!, e.Metadata.GetMetadata<OpenDoor>() is not null)))];

    /// <summary>The path with ids in place of its parameters; a parameter that no id is known for is a gap of
    /// the suite, and fails it.</summary>
    public string Filled(IReadOnlyDictionary<string, string> ids) => Parameter().Replace(Path,
        m => ids.TryGetValue(m.Groups[1].Value, out var id)
            ? id
            : throw new InvalidOperationException($"{Method} {Path}: the holdings have no {m.Groups[1].Value}"));

    public override string ToString() => $"{Method} {Path}";

    [GeneratedRegex(@"\{\**([A-Za-z_]+)[^}]*\}")]
    private static partial Regex Parameter();
}
