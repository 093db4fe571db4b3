using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Server.Configuration;
using Aegis.Server.Rooms;

namespace Aegis.Server;

/// <summary><c>./aegis sandbox …</c>: what the server's own user has of each kind of sandbox. The server's
/// program answers, not the CLI: only a process of that user, started as the server is, can tell.</summary>
internal static class SandboxVerbs
{
    private const string Usage = """
        usage: ./aegis sandbox doctor [--json]
                               prepare [--packages NAME,NAME | --whole]
                               image add NAME FOLDER
                               image list [--json]
                               apparmor
        """;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<int> RunAsync(string[] words, ServerOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.Home);
            using var launcher = new ProcessLauncher();
            switch (words)
            {
                case ["doctor"] or ["doctor", "--json"]:
                    return await DoctorAsync(launcher, options, words.Length > 1);
                case ["prepare", var kernel, .. var rest] when Packages(rest) is { } packages:
                    await new MicrovmPreparation(launcher, NodeRoom.SandboxOf(options).Microvm.Folder!)
                        .PrepareAsync(kernel, [.. packages]);
                    return 0;
                case ["image", "add", var name, var folder]:
                    return await AddImageAsync(launcher, NodeRoom.SandboxOf(options), name, folder);
                case ["image", "list"] or ["image", "list", "--json"]:
                    ListImages(new ImageShelf(NodeRoom.SandboxOf(options).ImagesFolder), words.Length > 2);
                    return 0;
                case ["apparmor"]:
                    Console.Write(AppArmorProfile.Text);
                    return 0;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (AegisException e)
        {
            await Console.Error.WriteLineAsync(e.Error.ToString());
            return 1;
        }
    }

    private static string[]? Packages(string[] words) => words switch
    {
        [] => ["bash", "git", "python3", "perl"],
        ["--whole"] => [],
        ["--packages", var names] => names.Split(',', StringSplitOptions.RemoveEmptyEntries),
        _ => null,
    };

    private static async Task<int> AddImageAsync(ProcessLauncher launcher, SandboxOptions sandbox,
        string name,
        string folder)
    {
        var shelf = new ImageShelf(sandbox.ImagesFolder);
        var digest = await shelf.AddAsync(name, Path.GetFullPath(folder));
        if (Directory.Exists(sandbox.Microvm.Folder))
        {
            await new MicrovmPreparation(launcher, sandbox.Microvm.Folder)
                .PackImageAsync(name, shelf.RootOf(name));
        }
        Console.WriteLine($"{name} is sha256:{digest}");
        return 0;
    }

    private static void ListImages(ImageShelf shelf, bool asJson)
    {
        var images = shelf.List();
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(images, Indented));
            return;
        }
        foreach (var image in images)
        {
            Console.WriteLine($"{image.Name} is sha256:{image.Digest}");
        }
    }

    private static async Task<int> DoctorAsync(ProcessLauncher launcher, ServerOptions options, bool asJson)
    {
        await using var runner = await SandboxRunner.CreateAsync(NodeRoom.SandboxOf(options), launcher);
        var report = await runner.ExamineAsync();
        Console.WriteLine(asJson ? JsonSerializer.Serialize(report, Indented) : SandboxPage.Text(report));
        return report.Kinds[0].Available ? 0 : 1;
    }
}
