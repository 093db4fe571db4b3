namespace Aegis.Attack.Fuzzing;

/// <summary>The one number from which everything that a fuzzer does follows. AEGIS_TEST_SEED repeats a
/// run.</summary>
internal static class FuzzSeed
{
    public static int Choose() =>
        int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given)
            ? given
            : Random.Shared.Next();
}
