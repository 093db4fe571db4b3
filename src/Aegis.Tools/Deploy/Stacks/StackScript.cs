using System.Buffers.Text;
using System.Collections.Immutable;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>
/// One action of a stack's program in a sandbox. State, plan and credentials come in by stdin and go out by
/// stdout, and inside they lie in memory: no disk sees them as they are. What the program says goes to
/// stderr, and to the log. While a plan is applied, the state leaves the sandbox whenever it has changed: who
/// loses the server or the sandbox then loses a second of it, and not what was made. The program is to end
/// when the input does: it is interrupted then, as by Ctrl-C, and its state leaves as at any other end.
/// </summary>
internal static class StackScript
{
    public const int NoMemory = 52;
    public const int Failed = 61;
    private const string Partial = "partial";

    private const string Frame = """
        exec 3>&1 1>&2
        set -u; umask 077
        action=$2 stack=$3 destroy=$4 program=$5; d=/tmp/aegis-stack
        [ "$(stat -f -c %T /tmp)" = tmpfs ] || exit 52
        mkdir -p "$d/state" && head -c "$6" | tar -xf - -C "$d" || exit 51
        [ ! -e "$d/state.tar" ] || tar -xf "$d/state.tar" -C "$d/state" || exit 51
        cd -- "$1" 2>/dev/null || exit 46
        PATH=/opt/aegis/stacks:$PATH
        for p in $program; do ! command -v "$p" >/dev/null 2>&1 || { program=$p; break; }; done
        command -v "$program" >/dev/null 2>&1 || exit 44
        set -a; . "$d/env"; set +a
        list() { find "$d/state" -type f -printf '%P %T@ %s\n' | LC_ALL=C sort; }
        frame() { [ ! -e "$2" ] || { printf '%s ' "$1"; base64 -w0 -- "$2"; echo; } >&3; }
        pack() { tar -C "$d/state" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$d/$1" .; }
        # by its number, written before it looks whether it is still wanted: one of both sees the other
        act() {
          sh -c 'echo $$ > "$1/pid"; [ ! -e "$1/halt" ] || exit 130
            shift; exec env --default-signal=INT "$@"' act "$d" "$program" "$@"
          local code=$?; rm -f "$d/pid"; return "$code"
        }
        halt() {
          while read -r _; do :; done
          : > "$d/halt"; [ ! -s "$d/pid" ] || kill -INT "$(cat "$d/pid")"
        }
        watch() {
          local now
          while sleep 1; [ ! -e "$d/stop" ]; do
            now=$(list)
            [ "$now" != "$last" ] || continue
            pack part.tar 2>/dev/null && [ "$(list)" = "$now" ] && last=$now && frame partial "$d/part.tar"
          done
        }

        """;

    private const string Middle = """

        watching=
        if [ "$action" = apply ]; then
          exec 4<&0; halt <&4 & halting=$!; exec 4<&-
          last=$(list); watch & watching=$!
        fi
        run() {

        """;

    private const string End = """

        }
        run < /dev/null; code=$?
        if [ -n "$watching" ]; then
          { kill "$halting"; wait "$halting"; } 2>/dev/null
          : > "$d/stop"; wait "$watching"
        fi
        pack all.tar && frame state "$d/all.tar"
        for f in plan json outputs shown; do frame "$f" "$d/$f"; done
        [ "$code" = 0 ] || exit 61
        """;

    /// <param name="onPartial">Given a state whenever it has changed while the plan is applied.</param>
    /// <param name="cancel">Ends what applies a plan as <see cref="StackStop"/> says, else at once.</param>
    public static async ValueTask<StackRun> RunAsync(StackProgram program, StackOrder order,
        Execution execution, Func<byte[], ValueTask> onPartial, TimeProvider time, CancellationToken cancel)
    {
        var (frames, archive) = (new FrameReader(onPartial), Archive(order));
        var script = $"{Frame}{program.Prepare}{Middle}{program.Of(order.Action)}{End}";
        var command = new SandboxCommand(
            FileAnswer.Bash(script, order.Folder, order.Action, order.Stack, order.Destroy ? "-destroy" : "",
                order.Program ?? string.Join(' ', program.Programs),
                archive.Length.ToString(CultureInfo.InvariantCulture)),
            Timeout: order.Timeout, Quiet: order.Quiet, OnStdout: frames.AddAsync);
        if (order.Action != StackInput.Apply)
        {
            var ended = await execution.SandboxAsync(command with { Stdin = archive }, cancel);
            return new StackRun(ended, frames.Found.ToImmutableDictionary(), frames.TooLong);
        }
        using var stop = await StackStop.OpenAsync(archive, order.Timeout, time, cancel);
        CommandResult? result = null;
        try
        {
            result = await execution.SandboxAsync(command with
            {
                StdinStream = stop.Input,
                Timeout = order.Timeout + TimeSpan.FromSeconds(2 * StackLimits.StopSeconds),
            }, stop.Kill);
        }
        catch (OperationCanceledException) when (stop.Why != StackEnd.ByItself)
        {
            // killed: what has come out until then is known
        }
        return new StackRun(result, frames.Found.ToImmutableDictionary(), frames.TooLong, stop.Why);
    }

    private static byte[] Archive(StackOrder order)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            void Add(string name, byte[]? content)
            {
                if (content is not null)
                {
                    using var data = new MemoryStream(content);
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                    {
                        DataStream = data, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    });
                }
            }
            Add("env", Encoding.UTF8.GetBytes(string.Concat(order.Env.Select(e => $"{e.Key}={e.Value}\n"))));
            Add("vars", Encoding.UTF8.GetBytes(string.Concat(order.Variables.Select(
                v => $"{(v.Secret ? "secret" : "plaintext")}\0{v.Name}\0{v.Value}\0"))));
            Add("state.tar", order.State);
            Add("plan", order.Plan);
        }
        return bytes.ToArray();
    }

    /// <summary>Lines of a name and base64, as they come.</summary>
    private sealed class FrameReader(Func<byte[], ValueTask> onPartial)
    {
        private const int LineBytesMax = (int)(StackLimits.PlanBytesMax * 4L / 3) + 64;
        private readonly MemoryStream line = new();

        public Dictionary<string, byte[]> Found { get; } = new(StringComparer.Ordinal);

        public bool TooLong { get; private set; }

        public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes)
        {
            while (bytes.Length > 0 && !TooLong)
            {
                var end = bytes.Span.IndexOf((byte)'\n');
                line.Write(bytes.Span[..(end < 0 ? bytes.Length : end)]);
                bytes = end < 0 ? default : bytes[(end + 1)..];
                TooLong = line.Length > LineBytesMax;
                if (end >= 0 && !TooLong)
                {
                    await TakeAsync();
                }
            }
        }

        private async ValueTask TakeAsync()
        {
            var bytes = line.GetBuffer().AsMemory(0, (int)line.Length);
            line.SetLength(0);
            if (bytes.Span.IndexOf((byte)' ') is var space && space < 0)
            {
                return;
            }
            var name = Encoding.ASCII.GetString(bytes.Span[..space]);
            var content = new byte[Base64.GetMaxDecodedFromUtf8Length(bytes.Length - space - 1)];
            if (Base64.DecodeFromUtf8(bytes.Span[(space + 1)..], content, out _, out var written)
                != System.Buffers.OperationStatus.Done)
            {
                return;
            }
            content = content[..written];
            if (name == Partial)
            {
                await onPartial(content);
            }
            Found[name] = content;
        }
    }
}

/// <param name="Env">Values as a shell reads them.</param>
/// <param name="Variables">For programs that are told by a command.</param>
/// <param name="Quiet">What it says is in no log.</param>
internal sealed record StackOrder(string Action, string Folder, string Stack, bool Destroy, string? Program,
    ImmutableSortedDictionary<string, string> Env, ImmutableArray<StackVariable> Variables, byte[]? State,
    byte[]? Plan, TimeSpan Timeout, bool Quiet = false);

/// <summary>A variable of the project.</summary>
internal sealed record StackVariable(string Name, string Value, bool Secret);

/// <param name="Result">Null where it was asked to end, and did not.</param>
/// <param name="Frames">What came out: state, plan, json, outputs, shown.</param>
internal sealed record StackRun(CommandResult? Result, ImmutableDictionary<string, byte[]> Frames,
    bool TooLong, StackEnd End = StackEnd.ByItself)
{
    public bool Ok => Result is { Ok: true };

    /// <summary>How it ended, for the list of states.</summary>
    public string Note(string action) => Ok ? action
        : End == StackEnd.ByItself ? $"{action}, which failed" : $"{action}, which was stopped";

    /// <summary>Why it came to nothing; null where it did not.</summary>
    public AegisError? Fault(StackProgram program, StackOrder order) =>
        TooLong || Frames.GetValueOrDefault("state")?.Length > StackLimits.StateBytesMax
            ? new AegisError("AEGIS2684", $"what {order.Stack} keeps is too large",
                $"at most {StackLimits.StateBytesMax} bytes of state and {StackLimits.PlanBytesMax} of plan",
                "more", "split the stack")
        : Ok ? null
        : End == StackEnd.TimeLimit || Result is { TimedOut: true }
            ? Of("AEGIS2681", $"{program.Tool} {order.Action} was stopped at its time limit",
                $"an end within {order.Timeout.TotalMinutes:0} minutes", Killed, "give it more minutes")
        : End == StackEnd.Asked
            ? Of("AEGIS2681", $"{program.Tool} {order.Action} was stopped", "an end by itself",
                "its run was cancelled, its step ran out of time, or its server stopped"
                    + (Killed is null ? "" : $"; {Killed}"), "let it come to its end")
        : Result!.ExitCode switch
        {
            FileAnswer.Missing => Of("AEGIS2680", $"there is no {string.Join(" or ",
                    order.Program is { } one ? [one] : program.Programs)} in the sandbox",
                "the program on the server's machine, below /usr or in AEGIS_STACK_PROGRAMS", null,
                "install it there"),
            FileAnswer.NotADirectory => Of("AEGIS2111", $"{order.Folder} is no folder of the workspace",
                "a folder", "none", "write the project in a step before, which this step needs"),
            StackScript.NoMemory => Of("AEGIS2680", "the sandbox has no folder in memory", "/tmp as tmpfs",
                null, "deploy from another kind of sandbox"),
            _ => Of("AEGIS2681", $"{program.Tool} {order.Action} failed", "exit code 0",
                Shell.OutputText.LastLine(Result), Shell.OutputText.ReadTheLog),
        };

    private string? Killed => Result is null
        ? $"killed, for it had not ended {StackLimits.StopSeconds} s after it was asked to" : null;

    private static AegisError Of(string code, string message, string expected, string? got, string mend) =>
        new(code, message, expected, got, mend);
}
