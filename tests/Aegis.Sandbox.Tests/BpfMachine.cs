using System.Buffers.Binary;

namespace Aegis.Sandbox.Tests;

/// <summary>Runs a filter of system calls as the kernel does: classic BPF over a call's number,
/// architecture and arguments. So a filter for another processor is tested by what it decides.</summary>
internal sealed class BpfMachine(byte[] program)
{
    public const uint Allow = 0x7fff0000;
    public const uint KillProcess = 0x80000000;

    public static uint Errno(int errno) => 0x00050000 | (uint)errno;

    public uint Decide(uint arch, int number, params ulong[] arguments)
    {
        var data = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), arch);
        for (var i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (i * 8)), arguments[i]);
        }
        uint a = 0;
        for (var at = 0; ; at++)
        {
            var (code, yes, no, k) = Instruction(at);
            switch (code)
            {
                case 0x20:
                    a = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)k));
                    break;
                case 0x54:
                    a &= k;
                    break;
                case 0x05:
                    at += (int)k;
                    break;
                case 0x06:
                    return k;
                default:
                    at += Jump(code, a, k) ? yes : no;
                    break;
            }
        }
    }

    private static bool Jump(ushort code, uint a, uint k) => code switch
    {
        0x15 => a == k,
        0x25 => a > k,
        0x35 => a >= k,
        0x45 => (a & k) != 0,
        _ => throw new InvalidDataException($"instruction 0x{code:x} is not known"),
    };

    private (ushort Code, byte Yes, byte No, uint K) Instruction(int at)
    {
        var one = program.AsSpan(at * 8, 8);
        return (BinaryPrimitives.ReadUInt16LittleEndian(one), one[2], one[3],
            BinaryPrimitives.ReadUInt32LittleEndian(one[4..]));
    }
}
