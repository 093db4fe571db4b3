using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Deployments;

/// <summary>What one version of a deployment is: a sealed tree and how its services run.</summary>
/// <param name="Tree">SHA-256 of the tree's archive, lower-case hex.</param>
/// <param name="StartSeconds">How long a start may take until every health check answers.</param>
/// <param name="SettleSeconds">How long the version before is kept beside it.</param>
/// <param name="Walls">Without which its programs must not run.</param>
public sealed record ReleaseSpec(string Tree, ImmutableArray<ServiceSpec> Services, int StartSeconds,
    int SettleSeconds, ImmutableArray<string> Walls)
{
    private const int IdHexChars = 24;

    /// <summary>The layer that the tree is sealed in; two releases of one tree share it.</summary>
    [JsonIgnore]
    public string TreeStep => $"tree-{Tree[..IdHexChars]}";

    /// <summary>The same for the same tree and the same services.</summary>
    public string Id() => "rel_" + Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(ToJson())))[..IdHexChars];

    public string ToJson() => JsonSerializer.Serialize(this, DeploymentJson.Default.ReleaseSpec);

    public static ReleaseSpec FromJson(string json) =>
        JsonSerializer.Deserialize(json, DeploymentJson.Default.ReleaseSpec)!;
}

/// <summary>A program behind a deployment's address, or a folder of files.</summary>
/// <param name="Route">The beginning of the paths that it answers, <c>/</c> for all that no other
/// does.</param>
/// <param name="Folder">In the tree, relative; where the program runs, or what is served.</param>
/// <param name="Start">The program and its arguments; empty for files.</param>
/// <param name="PortVariable">The variable that tells it its port.</param>
/// <param name="HealthPath">Answers 200 to 399 when it is well.</param>
/// <param name="Secrets">Names of secrets of the project, by variable.</param>
/// <param name="Strip">The route is taken off before it sees a path.</param>
public sealed record ServiceSpec(string Name, string Route, string Folder, ImmutableArray<string> Start,
    string PortVariable, string HealthPath, ImmutableSortedDictionary<string, string> Env,
    ImmutableSortedDictionary<string, string> Secrets, int MemoryMb, double? Cpus, bool Strip)
{
    [JsonIgnore]
    public bool IsStatic => Start.IsEmpty;

    /// <summary>What a path is to this service; null where another one answers it.</summary>
    public string? Match(string path)
    {
        if (Route == "/")
        {
            return path;
        }
        if (!path.StartsWith(Route, StringComparison.Ordinal)
            || (path.Length > Route.Length && path[Route.Length] != '/'))
        {
            return null;
        }
        return !Strip ? path : path.Length == Route.Length ? "/" : path[Route.Length..];
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReleaseSpec))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
