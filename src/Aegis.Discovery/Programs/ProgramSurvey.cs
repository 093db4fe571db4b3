using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Processes;

namespace Aegis.Discovery.Programs;

/// <summary>How long programs are asked.</summary>
/// <param name="Each">One of them.</param>
/// <param name="All">All of them; who was not asked by then is said to be there without a version.</param>
public sealed record SurveyTimes(TimeSpan Each, TimeSpan All)
{
    public static SurveyTimes Default { get; } =
        new(TimeSpan.FromMilliseconds(1_000), TimeSpan.FromMilliseconds(1_500));
}

/// <summary>Finds which programs of a catalogue are on a PATH, and asks those that can be trusted for their
/// versions: several at once, all within a bounded time.</summary>
public sealed class ProgramSurvey(ProcessLauncher launcher, TimeProvider time, SurveyTimes? times = null)
{
    /// <summary>How many programs are asked at once.</summary>
    public const int AskedAtOnceMax = 16;

    private readonly SurveyTimes times = times ?? SurveyTimes.Default;

    public async Task<ProgramsOfMachine> LookAsync(
        ProgramCatalogue catalogue, string path, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        using var end = new CancellationTokenSource(times.All, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
        var finder = new ProgramFinder(path);
        var home = Directory.CreateTempSubdirectory("aegis-discover-").FullName;
        try
        {
            var asker = new VersionAsker(launcher, home, finder.SafePath);
            using var places = new SemaphoreSlim(AskedAtOnceMax);
            // the quick ones first: what the time is not enough for are slow ones
            var looked = await Task.WhenAll(catalogue.Programs.Values.OrderBy(p => p.IsSlow)
                .Select(known => OneAsync(known, finder.Find(known.Name), asker, places, stop.Token)));
            cancel.ThrowIfCancellationRequested();
            ImmutableArray<FoundProgram> found = [.. looked.OfType<FoundProgram>()
                .OrderBy(p => p.Known.Kind).ThenBy(p => p.Known.Name, StringComparer.Ordinal)];
            return new(found, [.. catalogue.Programs.Keys.Except(found.Select(p => p.Known.Name))],
                finder.LeftOut, time.GetElapsedTime(since));
        }
        finally
        {
            RemoveHome(home);
        }
    }

    private async Task<FoundProgram?> OneAsync(KnownProgram known, string? path, VersionAsker asker,
        SemaphoreSlim places, CancellationToken stop)
    {
        if (path is null)
        {
            return null;
        }
        if (known.Package is { } package && PackageVersion.Of(path, package) is { } read)
        {
            return new(known, path, read, null);
        }
        if (ProgramTrust.WhyNot(path) is { } untrusted)
        {
            return new(known, path, null, $"not asked: {untrusted}");
        }
        if (!await IsTurnAsync(places, stop))
        {
            return new(known, path, null, "not asked: the time for all was over");
        }
        try
        {
            using var limit = new CancellationTokenSource(times.Each, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            var (version, why) = await asker.AskAsync(known.Says, path, both.Token);
            return new(known, path, version, why);
        }
        catch (OperationCanceledException)
        {
            return new(known, path, null, "it did not answer in time");
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>False where the time for all was over before there was a place.</summary>
    private static async ValueTask<bool> IsTurnAsync(SemaphoreSlim places, CancellationToken stop)
    {
        try
        {
            await places.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        var isTurn = !stop.IsCancellationRequested;
        if (!isTurn)
        {
            places.Release();
        }
        return isTurn;
    }

    private static void RemoveHome(string home)
    {
        try
        {
            Directory.Delete(home, recursive: true);
        }
        catch (IOException)
        {
            // one that was just killed may still have written; the system clears its temporary folder
        }
    }
}
