using Aegis.Discovery;
using Aegis.Discovery.Programs;
using Aegis.Discovery.Servers;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Discovery;

/// <summary>What of use is on the server's machine.</summary>
/// <param name="Missing">Known programs that are not installed.</param>
/// <param name="LeftOut">Folders of PATH that are not absolute; nothing was looked for there.</param>
/// <param name="ProfileSnippet">YAML that puts the servers of models into a profile; empty where there are
/// none.</param>
public sealed record DiscoveryAnswer(long TookMs, IReadOnlyList<DiscoveredProgramAnswer> Programs,
    IReadOnlyList<string> Missing, IReadOnlyList<string> LeftOut,
    IReadOnlyList<DiscoveredServerAnswer> Servers, string ProfileSnippet)
{
    public static DiscoveryAnswer Of(MachineFindings found) => new((long)found.Took.TotalMilliseconds,
        [.. found.Programs.Found.Select(DiscoveredProgramAnswer.Of)], found.Programs.Missing,
        found.Programs.LeftOut, [.. found.Servers.Select(DiscoveredServerAnswer.Of)],
        Aegis.Discovery.Servers.ProfileSnippet.Of(found.Servers));
}

/// <param name="Why">Why there is no version: the program was not asked, or said none.</param>
/// <param name="Argv">A tool's first words; what starts a back-end; what takes an agent's prompt.</param>
/// <param name="Protocol">Of a back-end.</param>
/// <param name="Address">Of a back-end that speaks OpenAI's protocol, once it runs.</param>
/// <param name="Prompt">How an agent takes its prompt.</param>
public sealed record DiscoveredProgramAnswer(string Name,
    [property: OneOf("tool model_backend agent")] string Kind, string Path, string? Version, string? Why,
    IReadOnlyList<string> Argv, [property: OneOf("openai stdin")] string? Protocol, string? Address,
    [property: OneOf("stdin argument")] string? Prompt, string Docs)
{
    public static DiscoveredProgramAnswer Of(FoundProgram p) => new(p.Known.Name, p.Known.KindName, p.Path,
        p.Version, p.Why, p.Known.Use.Argv, p.Known.Use.Protocol, p.Known.Use.Address?.ToString(),
        p.Known.Use.Prompt, p.Known.Docs.ToString());
}

/// <param name="BaseUrl">Where it speaks OpenAI's protocol.</param>
/// <param name="NeedsKey">It tells its models only to who brings a key.</param>
/// <param name="More">Models beside those listed.</param>
public sealed record DiscoveredServerAnswer(string Name, int Port, string BaseUrl, string? Version,
    bool NeedsKey, IReadOnlyList<ServedModelAnswer> Models, int More, string Docs)
{
    public static DiscoveredServerAnswer Of(FoundModelServer s) => new(s.Known.Name, s.Port,
        s.Address.ToString(), s.Version, s.NeedsKey,
        [.. s.Models.Select(m => new ServedModelAnswer(m.Name, m.Bytes))], s.More, s.Known.Docs.ToString());
}

public sealed record ServedModelAnswer(string Name, long? Bytes);
