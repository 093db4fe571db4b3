using Xunit.Abstractions;

namespace Aegis.Core.Tests.Routing;

/// <summary>Chance for a test: the seed is printed, and AEGIS_TEST_SEED repeats it.</summary>
internal static class Seeded
{
    public static Random Random(ITestOutputHelper output) => new(Seed(output));

    public static int Seed(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given) ? given
            : System.Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return seed;
    }
}
