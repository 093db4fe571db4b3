using System.Collections.Immutable;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

/// <summary>This assembly started as a program: a server that a test kills in the middle of its
/// work.</summary>
public static class KilledServer
{
    internal static ProcessSpec Spec(params string[] arguments) => new(Environment.ProcessPath!,
        ["exec", typeof(KilledServer).Assembly.Location, .. arguments],
        ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin")
            .Add("DOTNET_ROOT", Path.GetDirectoryName(Environment.ProcessPath!)!));

    /// <summary><c>write ROOT MARKER</c>: seals step <c>one</c>, then runs step <c>two</c> in three sandboxes
    /// at once, which write and never end; says <c>ready</c> for each.</summary>
    public static async Task Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["write", var root, var marker]:
                await WriteAsync(root, marker);
                break;
            case ["claim", var uids, var root]:
                Claim(uids, root);
                break;
        }
    }

    /// <summary><c>claim UIDS ROOT</c>: gives runs below a root their host uids and says them, one a line,
    /// then <c>ready</c>; ends with its stdin.</summary>
    private static void Claim(string uids, string root)
    {
        var pool = new UidPool(() => uids, first: 0);
        for (var i = 0; i < UidClaimTests.RunsOfEach; i++)
        {
            var run = Directory.CreateDirectory(Path.Combine(root, $"run_{i}")).FullName;
            pool.Give(UidClaimTests.Range, run);
            Console.WriteLine(UidFile.NumberOf(run));
        }
        Console.WriteLine("ready");
        Console.In.ReadToEnd();
    }

    private static async Task WriteAsync(string root, string marker)
    {
        using var launcher = await ProcessLauncher.OpenAsync(Path.Combine(root, "journal"));
        await using var runner = await SandboxRunner.CreateAsync(new SandboxOptions(), launcher);
        var workspaces = new Workspaces(root, runner);
        var one = await workspaces.OpenAsync("run_killed", [], "one", 1);
        await runner.RunAsync(SandboxFixture.Spec("sh", "-c", "echo whole > whole") with { Workspace = one },
            SandboxIo.None);
        var layer = await workspaces.SealAsync(one);
        var two = await workspaces.OpenAsync("run_killed", [layer.LayerId!], "two", 1);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => runner.RunAsync(SandboxFixture.Spec("sh", "-c",
            $": {marker}; echo half > half{i}; "
            + $"setsid sh -c ': {marker}; trap \"\" TERM HUP; sleep 1000; :' & echo ready; wait") with
        {
            Workspace = two,
        }, new SandboxIo(OnOutput: (_, _) =>
        {
            Console.WriteLine("ready");
            return default;
        }))));
    }
}
