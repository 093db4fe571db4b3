using System.Runtime.InteropServices;

namespace Aegis.Ledger.Secrets;

/// <summary>Argon2id (RFC 9106, version 0x13) by libargon2: .NET has none. A passphrase becomes a key by it,
/// so that guessing costs memory and time for each guess.</summary>
internal static unsafe class Argon2id
{
    private const uint Version = 0x13;
    private const int Ok = 0;

    /// <summary>The tag of <paramref name="length"/> bytes; throws AEGIS4045 where the library is missing or
    /// refuses.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Argon2Cost cost,
        int length, ReadOnlySpan<byte> secret = default, ReadOnlySpan<byte> data = default)
    {
        var tag = new byte[length];
        fixed (byte* output = tag, pwd = password, slt = salt, key = secret, ad = data)
        {
            var context = new Context
            {
                Out = output, OutLength = (uint)length, Password = pwd,
                PasswordLength = (uint)password.Length,
                Salt = slt, SaltLength = (uint)salt.Length, Secret = key, SecretLength = (uint)secret.Length,
                Data = ad, DataLength = (uint)data.Length, Passes = cost.Passes, MemoryKiB = cost.MemoryKiB,
                Lanes = cost.Lanes, Threads = cost.Lanes, Version = Version,
            };
            try
            {
                var code = argon2id_ctx(&context);
                return code == Ok ? tag : throw SecretErrors.NoArgon2($"argon2id_ctx answered {code}");
            }
            catch (DllNotFoundException)
            {
                throw SecretErrors.NoArgon2("libargon2.so.1 is missing");
            }
        }
    }

    [DllImport("libargon2.so.1")]
    private static extern int argon2id_ctx(Context* context);

    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        public byte* Out;
        public uint OutLength;
        public byte* Password;
        public uint PasswordLength;
        public byte* Salt;
        public uint SaltLength;
        public byte* Secret;
        public uint SecretLength;
        public byte* Data;
        public uint DataLength;
        public uint Passes;
        public uint MemoryKiB;
        public uint Lanes;
        public uint Threads;
        public uint Version;
        public nint Allocate;
        public nint Free;
        public uint Flags;
    }
}

/// <summary>What one guess costs.</summary>
internal readonly record struct Argon2Cost(uint Passes, uint MemoryKiB, uint Lanes)
{
    /// <summary>RFC 9106 section 4, the second recommended choice: 64 MiB, 3 passes, 4 lanes.</summary>
    public static Argon2Cost Recommended { get; } = new(3, 64 * 1024, 4);
}
