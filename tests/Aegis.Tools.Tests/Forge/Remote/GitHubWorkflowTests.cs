using System.Net.Http.Json;
using System.Text.Json;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>The sample workflow in the product itself, with another server's forge as its GitHub, held by
/// prism against GitHub's description all the way.</summary>
[Collection(ForgeGroup.Name)]
[Trait("Category", "Slow")]
public sealed class GitHubWorkflowTests(ForgeFixture forge) : IAsyncLifetime
{
    private readonly string home = Directory.CreateTempSubdirectory("aegis-product-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // the layers are files of the sandbox's own uid
        foreach (var run in Directory.EnumerateDirectories(Path.Combine(home, "workspaces"), "run_*"))
        {
            await AttemptGate.DeleteRunAsync(Path.Combine(home, "workspaces"), Path.GetFileName(run));
        }
        Directory.Delete(home, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Workflow_KilledBetweenPushAndPullRequest_EndsWithOne(bool afterTheForgeTookIt)
    {
        using var remote = await RepositoryAsync();
        await using var prism = await PrismServer.BeforeAsync(new Uri(forge.Server.Url, "/forge"));
        await using var proxy = await RecordingProxy.StartAsync(prism.Url);
        var environment = new Dictionary<string, string>
        {
            ["AEGIS_FORGE_PRIVATE_HOSTS"] = $"{proxy.Url.Authority}, {forge.Server.Url.Authority}",
        };
        var reached = Hold(proxy, afterTheForgeTookIt);
        string run;
        await using (var first = await ServerProcess.StartAsync(home, environment))
        {
            await SetUpAsync(first, remote, proxy.Url);
            run = await StartAsync(first);
            var ended = EndAsync(first, run);
            Assert.True(await Task.WhenAny(reached, ended) == reached,
                $"ended before: {await TextAsync(ended)}");
            await first.KillAsync();
        }
        Assert.Equal("work", GitFixture.Run(remote.Bare, "show", "feature:NOTES.md"));
        (proxy.Instead, proxy.Lose) = (null, null);

        await using var second = await ServerProcess.StartAsync(home, environment);
        var events = await EndAsync(second, run);

        Assert.True(events.Contains("PlanCompleted", StringComparison.Ordinal), events);
        Assert.DoesNotContain(forge.WriteKey, events, StringComparison.Ordinal);
        var (_, pulls) = await forge.SendAsync("GET", remote.Api + "/pulls?state=all");
        Assert.Equal(remote.Sha("feature"),
            Assert.Single(pulls.EnumerateArray()).GetProperty("head").GetProperty("sha").GetString());
        var start = remote.Sha("feature~1");
        var (_, status) = await forge.SendAsync("GET", $"{remote.Api}/commits/{start}/status");
        Assert.Equal(("success", 1), (status.GetProperty("state").GetString(),
            status.GetProperty("total_count").GetInt32()));
        var (_, checks) = await forge.SendAsync("GET", $"{remote.Api}/commits/{start}/check-runs");
        var check = Assert.Single(checks.GetProperty("check_runs").EnumerateArray());
        Assert.Equal(("aegis/review", "success"),
            (check.GetProperty("name").GetString(), check.GetProperty("conclusion").GetString()));
        Assert.True(check.GetProperty("output").GetProperty("annotations_count").GetInt32() > 0, $"{check}");
        Assert.DoesNotContain(proxy.Seen, passed => passed.Violations.Length > 0);
        AssertNowhere(forge.WriteKey);
    }

    // the pull request never reaches the forge, or its answer never comes back
    private static Task Hold(RecordingProxy proxy, bool afterTheForgeTookIt)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool Creates(HttpContext context) => context.Request.Method == "POST"
            && context.Request.Path.Value!.EndsWith("/pulls", StringComparison.Ordinal);
        if (afterTheForgeTookIt)
        {
            proxy.Lose = context =>
            {
                if (Creates(context))
                {
                    reached.TrySetResult();
                    context.RequestAborted.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
                }
                return Creates(context);
            };
            return reached.Task;
        }
        proxy.Instead = async context =>
        {
            if (!Creates(context))
            {
                return false;
            }
            reached.TrySetResult();
            var gone = new TaskCompletionSource();
            await using var registered = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
            return true;
        };
        return reached.Task;
    }

    private async Task SetUpAsync(ServerProcess product, ForgeRepository remote, Uri api)
    {
        await SendAsync(product, HttpMethod.Post, "/v1/repos", new { id = "app" });
        GitFixture.Run(remote.Folder, "push", "-q",
            $"http://any:{product.Key}@{product.Url.Authority}/git/{product.Project}/app.git", "main",
            "feature");
        await SendAsync(product, HttpMethod.Put, $"/v1/secrets/{RemoteProject.Secret}",
            new { value = forge.WriteKey });
        await SendAsync(product, HttpMethod.Put, "/v1/profile", new
        {
            yaml = RemoteProject.Profile(api, new Uri(forge.Server.Url, "/git"), $"web/{remote.Name}"),
        });
    }

    private static async Task<string> StartAsync(ServerProcess product)
    {
        var sample = await File.ReadAllTextAsync(Path.Combine(NodeProgram.Folder, "..", "..", "samples",
            "workflows", "github-pr.yaml"));
        var workflow = sample.Replace("  - id: review\n", """
              - id: note
                uses: file.write
                with: { path: /work/app/NOTES.md, content: work }
              - id: commit
                uses: git.commit
                with: { message: "docs: notes", add: [NOTES.md] }
              - id: review

            """, StringComparison.Ordinal);
        Assert.NotEqual(sample, workflow);
        var started = await SendAsync(product, HttpMethod.Post, "/v1/runs",
            new { workflow, repository = "app", @ref = "feature" });
        return started.GetProperty("run_id").GetString()!;
    }

    private static async Task<string> EndAsync(ServerProcess product, string run)
    {
        var events = new System.Text.StringBuilder();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get,
                new Uri($"/v1/runs/{run}/events", UriKind.Relative));
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var reply = await product.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line)
            {
                events.AppendLine(line);
                if (line is "event: PlanCompleted" or "event: RunFailed" or "event: RunCancelled")
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // killed on purpose
        }
        return events.ToString();
    }

    private static async Task<string> TextAsync(Task<string> ended) => ended.IsCompleted ? await ended : "";

    private static async Task<JsonElement> SendAsync(ServerProcess product, HttpMethod method, string path,
        object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = JsonContent.Create(body),
        };
        using var reply = await product.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, $"{method} {path}: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    private async Task<ForgeRepository> RepositoryAsync()
    {
        var repository = await forge.RepositoryAsync();
        repository.Commit("app.py", "def add(a, b):\n    return a + b\n");
        repository.Commit("test_app.py", """
            import unittest

            from app import add


            class AddTests(unittest.TestCase):
                def test_add(self):
                    self.assertEqual(add(1, 2), 3)

            """);
        // a note of shellcheck: shown, and no reason to block
        repository.Commit("run.sh", "#!/bin/sh\nplace=`pwd`\necho \"$place\"\n");
        repository.Push("feature");
        return repository;
    }

    private void AssertNowhere(string token)
    {
        var needle = System.Text.Encoding.UTF8.GetBytes(token);
        var read = 0;
        foreach (var file in new DirectoryInfo(home).EnumerateFiles("*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
        }).Where(HasBytes))
        {
            var bytes = Bytes(file.FullName);
            read += bytes.Length > 0 ? 1 : 0;
            Assert.False(bytes.AsSpan().IndexOf(needle) >= 0, $"the token is in {file}");
        }
        Assert.True(read > 100, $"{read} files were read");
    }

    // the server tidies up while it is looked through
    private static bool HasBytes(FileInfo file)
    {
        try
        {
            return file.UnixFileMode.HasFlag(UnixFileMode.UserRead) && file.Length > 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    // a sandbox's own files are not all the server's to read
    private static byte[] Bytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return [];
        }
    }
}
