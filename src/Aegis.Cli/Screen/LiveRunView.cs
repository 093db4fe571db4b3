using Aegis.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Aegis.Cli.Screen;

/// <summary>The tree of a run's tasks, redrawn in place: state, duration, and the last log line of what runs.
/// A run with more tasks than rows shows what runs, failed or ended last, and counts the rest.</summary>
internal sealed class LiveRunView : IRunView
{
    private const int FramesPerSecond = 8;
    private const int StepWidth = 16;
    private const int ToolWidth = 14;
    private static readonly string[] Spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

    private readonly RunProgress progress;
    private readonly TimeProvider time;
    private readonly int width;
    private readonly int rowsMax;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task drawing;
    private int frame;

    public LiveRunView(Terminal terminal, RunProgress progress, TimeProvider time, int rowsMax)
    {
        this.progress = progress;
        this.time = time;
        this.rowsMax = Math.Max(4, rowsMax);
        width = terminal.Width;
        drawing = DrawAsync(terminal.OpenAnsi());
    }

    public void Show(RunEvent fact, TaskLine? task)
    {
    }

    /// <summary>Guards the progress that the drawing loop reads.</summary>
    public Lock Gate => gate;

    public void End() => stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await drawing;
        stop.Dispose();
    }

    private async Task DrawAsync(IAnsiConsole console)
    {
        await console.Live(Picture()).AutoClear(false).StartAsync(async live =>
        {
            using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / FramesPerSecond), time);
            while (await TickAsync(ticks))
            {
                frame++;
                live.UpdateTarget(Picture());
            }
            live.UpdateTarget(Picture());
        });
        console.WriteLine();
    }

    private async ValueTask<bool> TickAsync(PeriodicTimer ticks)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    internal IRenderable Picture()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var rows = new List<IRenderable> { new Markup(Head(now)) };
            if (progress.Reason is { } reason)
            {
                rows.Add(new Markup($"  [red]{Safe(reason, width - 3)}[/]"));
            }
            var shown = Shown();
            for (var i = 0; i < shown.Count; i++)
            {
                var last = i == shown.Count - 1 && shown.Count == progress.Lines.Count;
                rows.Add(new Markup(Line(shown[i], last ? "└─" : "├─", now)));
            }
            if (shown.Count < progress.Lines.Count)
            {
                rows.Add(new Markup($"[dim]└─ … {progress.Lines.Count - shown.Count} more tasks[/]"));
            }
            return new Rows(rows);
        }
    }

    private string Head(DateTimeOffset now)
    {
        var total = Math.Max(1, progress.Lines.Count);
        var filled = 20 * progress.Done / total;
        var bar = new string('━', filled) + "[dim]" + new string('━', 20 - filled) + "[/]";
        var took = Spans.Text((progress.EndedAt ?? now) - progress.StartedAt);
        return $"{Glyph(progress.Status)} [bold]{Safe(progress.Name, 20)}[/] "
            + $"{bar} {progress.Done}/{total} {took} "
            + (width < 80 ? "" : $"[dim]{Safe(progress.RunId, 40)}[/]");
    }

    private string Line(TaskLine task, string guide, DateTimeOffset now)
    {
        var words = task.Message ?? (task.Status == "running" ? task.LastLog : null) ?? "";
        var attempt = task.Attempt > 1 ? $" ×{task.Attempt}" : "";
        var took = task.StartedAt is null ? "" : Spans.Text(task.Elapsed(now));
        var colour = task.Status == "failed" ? "red" : "dim";
        var line = $"[dim]{guide}[/] {Glyph(task.Status)} {Cell($"{task.StepId}{attempt}", StepWidth)} "
            + $"[dim]{Cell(task.Tool, ToolWidth)}[/] {took,7}";
        // guide, glyph, duration and the spaces between take 14 columns; the last one stays free
        var room = width - StepWidth - ToolWidth - 15;
        return room < 4 || words.Length == 0 ? line : $"{line} [{colour}]{Safe(words, room)}[/]";
    }

    // What runs or failed always stays; then the newest ended ones, then those that wait, in plan order.
    private List<TaskLine> Shown()
    {
        if (progress.Lines.Count <= rowsMax)
        {
            return [.. progress.Lines];
        }
        var chosen = progress.Lines
            .Select((line, index) => (line, index))
            .OrderBy(p => p.line.Status is "running" or "failed" or "in_doubt" or "retry_wait"
                or "waiting_approval" or "frozen" ? 0
                : p.line.Ended ? 1 : 2)
            .ThenByDescending(p => p.line.EndedAt ?? DateTimeOffset.MinValue)
            .ThenBy(p => p.index)
            .Take(rowsMax)
            .OrderBy(p => p.index);
        return [.. chosen.Select(p => p.line)];
    }

    private string Glyph(string status) => status switch
    {
        "running" => $"[blue]{Spinner[frame % Spinner.Length]}[/]",
        "succeeded" => "[green]✓[/]",
        "failed" => "[red]✗[/]",
        "skipped" => "[dim]–[/]",
        "cancelled" => "[yellow]■[/]",
        "retry_wait" => "[yellow]↻[/]",
        "in_doubt" or "waiting_approval" or "frozen" => "[yellow]?[/]",
        _ => "[dim]·[/]",
    };

    private static string Cell(string text, int columns) =>
        Safe(text, columns) + new string(' ', Math.Max(0, columns - Terminal.Visible(text.Trim()).Length));

    private static string Safe(string text, int max)
    {
        var visible = Terminal.Visible(text.Trim());
        return Markup.Escape(visible.Length <= max ? visible : visible[..(max - 1)] + "…");
    }
}
