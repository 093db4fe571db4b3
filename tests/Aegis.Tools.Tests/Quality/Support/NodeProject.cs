using System.Diagnostics;

namespace Aegis.Tools.Tests.Quality.Support;

/// <summary>The Node sample with its locked packages really installed, once for all tests; each test makes a
/// folder of its own below it, so that node_modules stands above.</summary>
public sealed class NodeProject : IAsyncLifetime
{
    public string Work { get; } = Directory.CreateTempSubdirectory("aegis-node-").FullName;

    public string App => Path.Combine(Work, "app");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(App);
        var sample = Path.Combine(RepositoryRoot(), "samples/node-app/base");
        foreach (var file in new[] { "package.json", "package-lock.json", ".npmrc" })
        {
            File.Copy(Path.Combine(sample, file), Path.Combine(App, file));
        }
        var npm = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"])
        {
            WorkingDirectory = App,
            RedirectStandardError = true,
        };
        using var process = Process.Start(npm)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"npm ci: {said}");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Work, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A new folder below the project; returns its path inside the sandbox.</summary>
    public string Folder(string name, params (string Path, string Text)[] files)
    {
        WorkFiles.Write(Path.Combine(App, name), files);
        return $"/work/app/{name}";
    }

    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return folder;
    }
}

[CollectionDefinition(nameof(NodeCollection))]
public sealed class NodeCollection : ICollectionFixture<NodeProject>;

internal static class WorkFiles
{
    public static void Write(string folder, params (string Path, string Text)[] files)
    {
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
    }
}
