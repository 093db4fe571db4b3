using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Aegis.Tests.Shared;

/// <summary>An S3 store of others on loopback, with a bucket <c>site</c>, and what was asked of it.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private readonly string folder;
    private readonly Process process;
    private readonly Task reading;
    private readonly BlockingCollection<string> asked = new();
    private readonly HttpClient http = new();
    private int marks;

    private readonly TaskCompletionSource<int> port =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private S3Server(string folder, Process process)
    {
        (this.folder, this.process) = (folder, process);
        // not where the test's own continuations run: Asked holds one of those threads until a line comes
        reading = Task.Run(ReadAsync);
    }

    /// <summary>What its accounts are called; any other key is refused.</summary>
    public const string Key = "S3RVER";

    public int Port { get; private set; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Requests since it was last asked: method, path, and <c>copy</c> for one within the
    /// store.</summary>
    public List<string> Asked()
    {
        // the lines come in order through a pipe: with this request's, all before it are here
        var mark = $"/mark-{++marks}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, mark));
        http.Send(request).Dispose();
        return [.. asked.GetConsumingEnumerable().TakeWhile(line => line != $"GET {mark}")];
    }

    /// <param name="from">One that died: the same objects at the same port.</param>
    /// <param name="writes">It dies in the middle of the write after so many.</param>
    public static async Task<S3Server> StartAsync(S3Server? from = null, int? writes = null)
    {
        var folder = from?.folder ?? Directory.CreateTempSubdirectory("aegis-s3-").FullName;
        var arguments = new List<string>
        {
            Path.Combine(NodeProgram.Folder, "s3.mjs"), folder,
            (from?.Port ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        if (writes is { } count)
        {
            arguments.Add(count.ToString(CultureInfo.InvariantCulture));
        }
        var process = Process.Start(new ProcessStartInfo("node", arguments)
        {
            RedirectStandardOutput = true,
        })!;
        var server = new S3Server(folder, process);
        server.Port = await server.port.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return server;
    }

    /// <summary>Its objects stay.</summary>
    public async Task EndAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
        await process.WaitForExitAsync();
        await reading;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        process.Dispose();
        http.Dispose();
        asked.Dispose();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("port ", StringComparison.Ordinal))
            {
                port.TrySetResult(int.Parse(line[5..], CultureInfo.InvariantCulture));
            }
            else
            {
                asked.Add(line);
            }
        }
        asked.CompleteAdding();
        port.TrySetException(new InvalidOperationException("the store did not start"));
    }
}
