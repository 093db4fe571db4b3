using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

internal static class StatusPipe
{
    /// <summary>A pipe; the write end goes to the child and is closed here after its start.</summary>
    public static (Stream Read, SafeFileHandle Write) Open()
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var write = new SafeFileHandle(pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: true);
        // the pipe's own view of that handle must not close the number a second time
        pipe.ClientSafePipeHandle.SetHandleAsInvalid();
        return (pipe, write);
    }
}
