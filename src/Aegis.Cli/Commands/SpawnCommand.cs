using System.CommandLine;
using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis spawn run|list|status|kill</c>: named programs that run once in the sandbox. Their logs
/// are those of their runs: <c>aegis logs ID call</c>.</summary>
internal static class SpawnCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "What lists show." };

    private static readonly Argument<string[]> Words = new("COMMAND")
    {
        Description = "The program and its arguments; behind -- where one begins with a dash.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> Id = new("SPAWN") { Description = "As spawn list shows it." };

    private static readonly Option<int?> Timeout = new("--timeout")
    {
        Description = "Seconds until it is ended; 300 unless said.",
        HelpName = "SECONDS",
    };

    private static readonly Option<int?> Memory = new("--memory")
    {
        Description = "MiB that it may take; 512 unless said.",
        HelpName = "MIB",
    };

    private static readonly Option<string?> Repo =
        new("--repo") { Description = "A repository of the project, at /work/app.", HelpName = "NAME" };

    public static Command Build(CommandDesk desk) => new("spawn", "Named programs that run in the sandbox.")
    {
        desk.Online(new Verb("run", "Run a program.",
            "aegis spawn run healthcheck --timeout 60 --memory 512 -- python3 check_health.py")
        {
            Name, Words, Timeout, Memory, Repo,
        }, async (client, parsed, cancel) =>
        {
            var words = parsed.GetRequiredValue(Words);
            var made = await client.SpawnAsync(new SpawnProcess(parsed.GetRequiredValue(Name), words[0],
                words[1..], parsed.GetValue(Timeout), parsed.GetValue(Memory), parsed.GetValue(Repo)),
                cancel);
            return desk.Write(parsed, made, ClientJson.Default.Spawn, made.SpawnId);
        }),
        desk.Online(new Verb("list", "List spawned programs.", "aegis spawn list"),
            async (client, parsed, cancel) => List(desk, parsed, await client.ListSpawnsAsync(cancel))),
        desk.Online(new Verb("status", "Show one, with live CPU and memory while it runs.",
            "aegis spawn status run_01jcz4k2m8") { Id }, async (client, parsed, cancel) =>
        {
            var found = await client.GetSpawnAsync(parsed.GetRequiredValue(Id), cancel);
            return desk.Write(parsed, found, ClientJson.Default.Spawn, Line(found));
        }),
        desk.Online(new Verb("kill", "End one, with all that it started.",
            "aegis spawn kill run_01jcz4k2m8") { Id }, async (client, parsed, cancel) =>
        {
            await client.KillSpawnAsync(parsed.GetRequiredValue(Id), cancel);
            return ExitCode.Ok;
        }),
    };

    private static int List(CommandDesk desk, ParseResult parsed, Listing<Spawn> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingSpawn);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["SPAWN", "NAME", "STATUS", "CPU", "MEMORY", "CREATED"],
            found.Items.Select(s => new[]
            {
                s.SpawnId, s.Name, s.Status, s.Usage is { } cpu ? Percent(cpu) : "",
                s.Usage is { } memory ? Mebibytes(memory.MemoryBytes) : "",
                $"{s.CreatedAt:yyyy-MM-dd HH:mm:ss}",
            }));
        return ExitCode.Ok;
    }

    private static string Line(Spawn s) => s.Usage is { } u
        ? $"{s.Name} {s.Status}: {Percent(u)} CPU, {Mebibytes(u.MemoryBytes)}, {u.Processes} processes"
        : $"{s.Name} {s.Status}"
            + (s.ExitCode is { } code ? $", exit code {code}" : "")
            + (s.CpuMs is { } cpu ? $", {cpu} ms of CPU" : "")
            + (s.PeakMemoryBytes is { } peak ? $", at most {Mebibytes(peak)}" : "");

    private static string Percent(SpawnUsage usage) =>
        string.Create(CultureInfo.InvariantCulture, $"{usage.CpuPercent:0.#} %");

    private static string Mebibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");
}
