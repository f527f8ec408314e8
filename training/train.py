import argparse, copy, sys, time
import numpy as np, torch
from torch import nn
from torch.nn import functional
sys.path.insert(0, __file__.rsplit('/',1)[0])
from network import LookNetwork, contrastive_loss
from augmenting import Augmenter

def held_out(sender):
    c={}
    for s in sender: c[s]=c.get(s,0)+1
    folds=[[] for _ in range(4)]
    for s,n in sorted(c.items(), key=lambda p:(-p[1],p[0])):
        min(folds,key=lambda f:sum(c[x] for x in f)).append(s)
    return folds

def load(path):
    z=np.load(path); X=torch.from_numpy(z['X']).float().div(255).permute(0,3,1,2).contiguous()
    return X, torch.from_numpy((z['M']/255).astype(np.float32))[:,None], z['label'], z['sender']

def precision(codes, labels, senders, queries, gallery, k=9):
    c=codes.astype(np.float32); s=c[queries]@c[gallery].T
    s[senders[queries][:,None]==senders[gallery][None]]=-1e9
    top=np.argsort(-s,1,kind='stable')[:,:k]
    return (labels[gallery][top]==labels[queries][:,None]).mean()

@torch.no_grad()
def features(net, X, side):
    net.eval(); out=[[],[],[]]
    for b in X.split(64):
        b=functional.interpolate(b,size=(side,side),mode='area') if b.shape[-1]%side==0 else functional.interpolate(b,size=(side,side),mode='bilinear',antialias=True)
        r=[a+m for a,m in zip(net(b)[:3], net(b.flip(3))[:3])]
        for o,t in zip(out,r): o.append(t)
    return [torch.cat(o).numpy() for o in out]

def report(net,X,y,senders,fold,side):
    f,e,c=features(net,X,side); te=np.nonzero(np.isin(senders,fold))[0]; al=np.arange(len(y))
    rng=np.random.default_rng(0); out=[]
    acc=(c.argmax(1)[te]==y[te]).mean()
    n=lambda v:v/np.linalg.norm(v,axis=1,keepdims=True)
    c=c-c.mean(1,keepdims=True)
    P=torch.softmax(torch.tensor(c/2),1).numpy()
    for name,v in dict(feat=n(f),emb=n(e),logit=n(c),prob=P,f_sign=np.sign(n(f)@rng.normal(size=(f.shape[1],768))),e_sign=np.sign(n(e)@rng.normal(size=(e.shape[1],768)))).items():
        out.append(f"{name} {precision(v,y,senders,te,al):.3f}/{precision(v,y,senders,te,te):.3f}")
    return f"acc {acc:.3f} "+' '.join(out)

def main():
    p=argparse.ArgumentParser(); p.add_argument('--out'); p.add_argument('--fold',type=int,default=3)
    p.add_argument('--plan',default='64:30,96:30'); p.add_argument('--lr',type=float,default=3e-3); p.add_argument('--seed',type=int,default=1)
    p.add_argument('--wd',type=float,default=0.02); p.add_argument('--batch',type=int,default=64); p.add_argument('--start'); p.add_argument('--threads',type=int,default=1)
    a=p.parse_args()
    torch.manual_seed(a.seed); torch.set_num_threads(a.threads)
    X,M,label,sender=load('/work/tmp-c/cache2.npz')
    names=sorted(set(label)); y=np.array([names.index(l) for l in label])
    folds=held_out(sender); fold=folds[a.fold] if a.fold>=0 else []
    train=np.nonzero(~np.isin(sender,fold))[0]
    draw=torch.Generator().manual_seed(a.seed)
    aug=Augmenter(X,M,draw); Y=torch.from_numpy(y)
    counts=np.bincount(y[train],minlength=len(names)); w=torch.from_numpy(1/np.sqrt(counts[y[train]]))
    net=LookNetwork(len(names)).to(memory_format=torch.channels_last)
    print(sum(q.numel() for q in net.parameters()),'parameters',len(train),flush=True)
    if a.start: net.load_state_dict(torch.load(a.start,weights_only=False)['state'])
    ema=copy.deepcopy(net)
    decay=[q for q in net.parameters() if q.ndim>1]; rest=[q for q in net.parameters() if q.ndim<=1]
    opt=torch.optim.AdamW([dict(params=decay,weight_decay=a.wd),dict(params=rest,weight_decay=0)],lr=a.lr)
    plan=[(int(s),int(e)) for s,e in (x.split(':') for x in a.plan.split(','))]
    steps=len(train)//a.batch; total=steps*sum(e for _,e in plan); done=0; begun=time.time(); epoch=0
    for side,epochs in plan:
        for _ in range(epochs):
            net.train(); sums=np.zeros(3)
            order=train[torch.multinomial(w,len(train),replacement=True,generator=draw).numpy()]
            for k in range(steps):
                rows=torch.from_numpy(order[k*a.batch:(k+1)*a.batch]).repeat(2)
                x,m,known=aug.batch(rows,side); lab=Y[rows]
                lr=a.lr*min(1,(done+1)/(2*steps))*0.5*(1+np.cos(np.pi*done/total))
                for g in opt.param_groups: g['lr']=lr
                f,e,c,fg=net(x.contiguous(memory_format=torch.channels_last))
                ce=functional.cross_entropy(c,lab,label_smoothing=0.1); con=contrastive_loss(e,lab)
                small=functional.interpolate(m,size=fg.shape[2:],mode='area')
                b=(functional.binary_cross_entropy_with_logits(fg,small,reduction='none').mean((1,2,3))*known).mean()
                loss=ce+0.5*con+0.5*b
                opt.zero_grad(); loss.backward(); opt.step(); done+=1
                d=min(0.995,done/(done+10))
                with torch.no_grad():
                    for q,r in zip(ema.state_dict().values(),net.state_dict().values()):
                        if q.dtype.is_floating_point: q.lerp_(r,1-d)
                        else: q.copy_(r)
                sums+=[ce.item(),con.item(),b.item()]
            epoch+=1
            print(epoch,side,f"{time.time()-begun:.0f}s",(sums/steps).round(3),flush=True)
            if epoch%4==0:
                print('   ',report(ema,X,y,sender,fold if fold else folds[3],side),flush=True); torch.save(dict(state=ema.state_dict(),names=names,fold=fold,side=side),a.out)
    print('   ',report(ema,X,y,sender,fold if fold else folds[3],side),flush=True)
    torch.save(dict(state=ema.state_dict(),names=names,fold=fold,side=side),a.out)
main()
