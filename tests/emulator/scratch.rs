use super::store::Store;
#[tokio::test]
#[ignore = "scratch"]
async fn scratch() {
    let store = Store::open("scratch").await;
    let mut device = store.bench.boot().await;
    println!("{}", device.shell.run("cashier check --config /etc/cashier/cashier.toml").await);
    device.says(&["health=ready"]).await;
    device.unplug_the_scanner().await;
    device.says(&["health=absent"]).await;
    device.plug_the_scanner().await;
    device.says(&["health=ready"]).await;
    device.scan("284214903060794755").await;
    device.says(&["nobody awaits"]).await;
    device.look().await.keep(&store.bench.folder.join("x.png"));
    println!("{}", device.shell.run("kill -9 $(cat /run/cashier.pid); sleep 4; touch /var/lib/cashier/lost; ls -la /var/lib/cashier; echo kept > /var/lib/cashier/kept; sync; cat /sys/block/vda/queue/write_cache").await);
    println!("{:?}", device.cut());
    let mut device = store.bench.boot().await;
    println!("{}", device.shell.run("ls -la /var/lib/cashier").await);
    let log = device.log();
    let disk = device.power_off().await;
    store.settled(&disk, log, &[]).await;
}
