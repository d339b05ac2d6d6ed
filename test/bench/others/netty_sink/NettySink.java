// Takes messages behind eight bytes of length, whole as Netty's decoder gives them, and drops them; for sink.py.

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;

public final class NettySink {
    static final class Drop extends SimpleChannelInboundHandler<ByteBuf> {
        @Override protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            System.out.println("dropped " + message.readableBytes());
        }

        @Override public void exceptionCaught(ChannelHandlerContext context, Throwable failed) {
            System.out.println("failed " + failed);
            context.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        ServerBootstrap server = new ServerBootstrap();
        server.group(new NioEventLoopGroup(1)).channel(NioServerSocketChannel.class)
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(Integer.MAX_VALUE, 0, 8, 0, 8), new Drop());
                }
            });
        System.out.println("listening tcp:/" + server.bind("127.0.0.1", 0).sync().channel().localAddress());
    }
}
