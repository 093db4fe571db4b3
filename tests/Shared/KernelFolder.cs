namespace Aegis.Tests.Shared;

/// <summary>Where <c>./aegis test</c> unpacked Debian's cloud kernel.</summary>
public static class KernelFolder
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("AEGIS_TEST_KERNEL")
        ?? System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", "kernel");
}
