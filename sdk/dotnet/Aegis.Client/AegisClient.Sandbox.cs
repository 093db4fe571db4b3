namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>What the server's sandboxes are made of, and what is missing. Looking at a virtual machine
    /// for the first time boots one, which takes seconds.</summary>
    public Task<SandboxReport> GetSandboxAsync(CancellationToken cancel = default) =>
        GetAsync("v1/sandbox", ClientJson.Default.SandboxReport, cancel);
}

/// <param name="User">The operating system's user that the server runs as.</param>
public sealed record SandboxReport(string User, IReadOnlyList<SandboxKindReport> Kinds);

/// <param name="Kind">namespace, container or microvm.</param>
/// <param name="Missing">Why the kind can't be had; null where it can.</param>
public sealed record SandboxKindReport(string Kind, bool Available, IReadOnlyList<SandboxWall> Walls,
    string? Missing = null, string? Mend = null);

/// <param name="Required">Always; the others where a command or an operator asks for them.</param>
/// <param name="Mend">What makes a wall that is absent, or a weaker one, whole.</param>
public sealed record SandboxWall(string Wall, string Mechanism, bool Present, bool Required,
    string? Mend = null);
