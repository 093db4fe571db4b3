using System.IO.Compression;
using System.Text.Json;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;

namespace Aegis.Engine.Learning;

/// <summary>The learning state as bytes: JSON, compressed.</summary>
internal static class KeptState
{
    /// <summary>Arms that are kept. What all share goes first, then what was learned last.</summary>
    public const int ArmsMax = 200_000;

    public static byte[] Write(LearningSnapshot snapshot)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(gzip, Bounded(snapshot), RouteExplanation.Json);
        }
        return bytes.ToArray();
    }

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static LearningSnapshot Read(byte[] state)
    {
        using var gzip = new GZipStream(new MemoryStream(state), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<LearningSnapshot>(gzip, RouteExplanation.Json)!;
    }

    internal static LearningSnapshot Bounded(LearningSnapshot snapshot, int armsMax = ArmsMax)
    {
        if (snapshot.Quality.Length + snapshot.Service.Length <= armsMax)
        {
            return snapshot;
        }
        var oldest = snapshot.Quality.Select(q => (q.Tenant, q.Arm.At))
            .Concat(snapshot.Service.Select(s => (s.Tenant, s.Arm.At)))
            .OrderBy(Order).Skip(armsMax).First();
        return new(
            [.. snapshot.Quality.Where(q => IsBefore((q.Tenant, q.Arm.At), oldest))],
            [.. snapshot.Service.Where(s => IsBefore((s.Tenant, s.Arm.At), oldest))]);
    }

    private static bool IsBefore((string?, DateTimeOffset) arm, (string?, DateTimeOffset) other) =>
        Order(arm).CompareTo(Order(other)) < 0;

    private static (bool Own, long Age) Order((string? Tenant, DateTimeOffset At) arm) =>
        (arm.Tenant is not null, -arm.At.UtcTicks);
}
