using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Aegis.Client;
using Aegis.Processes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Cli.Locks;

/// <summary>
/// A program of this machine that runs while a lock is held: 1. it is started with the lock's token in its
/// environment, at this terminal; 2. the lock is renewed at a third of its time; 3. when the program ends the
/// lock goes back. A lock that is lost, or may be, ends the program before another can hold it; and the
/// launcher ends it when this process is killed.
/// </summary>
internal sealed class LockedProgram(CommandDesk desk, AegisClient client, HeldLock held)
{
    public const string TokenVariable = "AEGIS_LOCK_TOKEN";
    public const string IdVariable = "AEGIS_LOCK_ID";

    // it begins when it is told to: one of whose life the launcher's keeper has not heard yet would outlive
    // us; its input and output are ours, which the launcher does not give away by itself
    private const string Join = "read -r go && exec \"$@\" <&3 >&4 2>&5 3<&- 4>&- 5>&-";
    private const int Terminate = 15;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly TimeProvider time = TimeProvider.System;
    private readonly TimeSpan ttl = held.ExpiresAt - held.GrantedAt;

    public async Task<int> RunAsync(string[] command, bool json, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        try
        {
            using var launcher = new ProcessLauncher();
            await using var program = await StartAsync(launcher, command, cancel);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                over.Cancel();
            });
            var keeping = KeepAsync(since, over.Token);
            await Task.WhenAny(program.Exited, keeping);
            var lost = keeping.IsCompletedSuccessfully ? await keeping : null;
            var stopped = over.IsCancellationRequested;
            if (!program.Exited.IsCompleted)
            {
                await EndAsync(program);
            }
            await over.CancelAsync();
            return Said(await program.Exited, json, lost, stopped);
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    /// <summary>Renews until cancelled; completes with what is wrong when the lock is lost.</summary>
    private async Task<AegisApiException?> KeepAsync(long since, CancellationToken over)
    {
        while (true)
        {
            var left = ttl - time.GetElapsedTime(since);
            await Task.Delay(Max(left / 3, TimeSpan.FromMilliseconds(50)), time, over);
            try
            {
                var asked = time.GetTimestamp();
                await client.RenewLockAsync(held.LockId, cancel: over);
                since = asked;
            }
            catch (AegisApiException e) when (e.Problem.Code is "AEGIS4231" or "AEGIS6020")
            {
                return e;
            }
            catch (Exception e) when (e is AegisApiException or AegisUnreachableException)
            {
                // it may come back; but what may be another's is not ours
                if (time.GetElapsedTime(since) > ttl * 0.9)
                {
                    return e as AegisApiException ?? new AegisApiException(
                        System.Net.HttpStatusCode.Conflict, Lost(e.Message));
                }
            }
        }
    }

    private static async Task EndAsync(LaunchedProcess program)
    {
        program.Signal(Terminate);
        try
        {
            await program.Exited.WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            program.KillTree();
        }
    }

    private int Said(ProcessExit exit, bool json, AegisApiException? lost, bool stopped)
    {
        if (json)
        {
            desk.Terminal.Out.WriteLine(new JsonObject
            {
                ["lock_id"] = held.LockId,
                ["fencing_token"] = held.FencingToken,
                ["exit_code"] = exit.ShellCode,
                ["lost"] = lost is not null,
            }.ToJsonString());
        }
        if (lost is not null)
        {
            Failure.Report(lost, desk.Terminal.Error);
            return ExitCode.Refused;
        }
        return stopped ? ExitCode.Interrupted : exit.ShellCode;
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await client.ReleaseLockAsync(held.LockId, CancellationToken.None);
        }
        catch (Exception e) when (e is AegisApiException or AegisUnreachableException)
        {
            // gone already, or its time will end it
        }
    }

    private async Task<LaunchedProcess> StartAsync(
        ProcessLauncher launcher, string[] command, CancellationToken cancel)
    {
        using SafeFileHandle input = new(0, false), output = new(1, false), error = new(2, false);
        var environment = Inheritance.Of(
        [
            new(TokenVariable, $"{held.FencingToken}"), new(IdVariable, held.LockId),
        ]);
        var program = await launcher.StartAsync(new ProcessSpec("sh", ["-c", Join, "sh", .. command],
            environment, Directory.GetCurrentDirectory(), StdinMode.Pipe,
            Inherited: [new(3, input), new(4, output), new(5, error)]), cancel);
        await program.Stdin.WriteAsync("go\n"u8.ToArray(), CancellationToken.None);
        await program.Stdin.FlushAsync(CancellationToken.None);
        return program;
    }

    private Problem Lost(string why) => new(null, null, 409,
        $"the lock {held.LockId} could not be renewed in time: {why}", "AEGIS4231",
        Mend: "start it again when the server answers");

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
