using System.Runtime.CompilerServices;

namespace Aegis.Discovery.Tests.Support;

/// <summary>Servers of these tests hold requests back on threads of the pool: on a machine with few
/// processors it must not wait for new ones.</summary>
internal static class PoolSize
{
    private const int Threads = 64;

    [ModuleInitializer]
    internal static void Widen() => ThreadPool.SetMinThreads(Threads, Threads);
}
