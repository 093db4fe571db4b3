using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Client;
using Aegis.Processes;
using Aegis.Server;

namespace Aegis.Bench.Agents;

/// <summary>A server as it is started in life, in a process of its own with its PostgreSQL, and a provider of
/// models in another one.</summary>
internal sealed partial class AgentServer : IAsyncDisposable
{
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "DOTNET_ROOT", "TMPDIR", "LANG",
        // for a profiler that looks on
        "DOTNET_PerfMapEnabled", "DOTNET_EnableWriteXorExecute",
    ];
    private readonly string home;
    private readonly ProcessLauncher launcher;
    private readonly LaunchedProcess server;
    private readonly LaunchedProcess provider;

    private AgentServer(string home, ProcessLauncher launcher, LaunchedProcess server,
        LaunchedProcess provider, AegisClient client, Uri fake)
    {
        (this.home, this.launcher, this.server, this.provider) = (home, launcher, server, provider);
        (Client, Fake) = (client, fake);
    }

    public AegisClient Client { get; }

    /// <summary>Where the provider is, for calls that go to it directly.</summary>
    public Uri Fake { get; }

    /// <summary>The most that the server ever had resident, without PostgreSQL and commands.</summary>
    public double PeakMb => File.ReadLines($"/proc/{server.Pid}/status")
        .Where(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(l => double.Parse(Digits().Match(l).Value, CultureInfo.InvariantCulture) / 1024).Single();

    public static async Task<AgentServer> StartAsync()
    {
        var home = Directory.CreateTempSubdirectory("aegis-bench-agents-").FullName;
        var launcher = new ProcessLauncher();
        var here = Passed.Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
            .Where(v => v.value is not null)
            .ToImmutableSortedDictionary(v => v.name, v => v.value!);
        var provider = await launcher.StartAsync(new ProcessSpec(Environment.ProcessPath!,
            [typeof(AgentServer).Assembly.Location, AgentModel.Name], here, Stdin: StdinMode.Pipe));
        _ = provider.Stderr.CopyToAsync(Stream.Null);
        var fake = new Uri((await new StreamReader(provider.Stdout).ReadLineAsync())!);
        var server = await launcher.StartAsync(new ProcessSpec(Environment.ProcessPath!,
            [typeof(AegisServer).Assembly.Location],
            here.Add("AEGIS_HOME", home).Add("AEGIS_PORT", "0"), home));
        _ = server.Stdout.CopyToAsync(Stream.Null);
        var url = await ReadyAsync(new StreamReader(server.Stderr));
        using var key = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(home, "admin-key.json")));
        var client = new AegisClient(url, key.RootElement.GetProperty("key").GetString()!, null,
            key.RootElement.GetProperty("project").GetString());
        await client.SetProfileAsync(new SetProfile(Profile(fake), new Dictionary<string, string>()));
        return new AgentServer(home, launcher, server, provider, client, fake);
    }

    /// <summary>Follows a run of one agent to its end, and returns its facts.</summary>
    public async Task<List<RunEvent>> RunAsync(string agent, string act, int turns) =>
        await EndAsync(await BeginAsync(agent, act, turns));

    public async Task<string> BeginAsync(string agent, string act, int turns) =>
        (await Client.StartRunAsync(new StartRun
        {
            Workflow = $$"""
                name: turns
                on: manual
                steps:
                  - id: work
                    uses: agent.run
                    with: { agent: {{agent}}, task: act={{act}} turns={{turns}} }
                """,
            FileName = "turns.yaml",
        })).RunId;

    public async Task<List<RunEvent>> EndAsync(string run)
    {
        var facts = new List<RunEvent>();
        await foreach (var fact in Client.FollowEventsAsync(run))
        {
            facts.Add(fact);
        }
        return facts[^1].Type == "PlanCompleted" ? facts : throw new InvalidOperationException(
            $"the run {run} ended with {facts[^1].Type}: "
            + facts.LastOrDefault(f => f.Type == "TaskFailed")?.Payload);
    }

    public async ValueTask DisposeAsync()
    {
        const int sigTerm = 15;
        Client.Dispose();
        server.Signal(sigTerm);
        await server.Exited;
        await provider.Stdin.DisposeAsync();
        await provider.Exited;
        launcher.Dispose();
        Directory.Delete(home, true);
    }

    private static string Profile(Uri fake) => $$"""
        providers:
          fake:
            base_url: {{fake}}v1
            prices:
              zero: { input_usd_per_million: 1, output_usd_per_million: 2 }
              held: { input_usd_per_million: 1, output_usd_per_million: 2 }
        models: { coding: zero, reasoning: held }
        agents:
          worker: { like: builder, tools: [flow.noop, file.write] }
          crowd: { like: builder, model: reasoning, tools: [flow.noop, file.write] }
        """;

    private static async Task<string> ReadyAsync(StreamReader words)
    {
        var seen = new List<string>();
        while (await words.ReadLineAsync() is { } line)
        {
            seen.Add(line);
            if (Ready().Match(line) is { Success: true } ready)
            {
                _ = words.BaseStream.CopyToAsync(Stream.Null);
                return ready.Value;
            }
        }
        throw new InvalidOperationException("the server did not start: " + string.Join('\n', seen));
    }

    [GeneratedRegex("http://[0-9.]+:[0-9]+")]
    private static partial Regex Ready();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
